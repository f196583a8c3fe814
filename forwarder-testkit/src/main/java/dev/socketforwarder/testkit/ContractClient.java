package dev.socketforwarder.testkit;

import java.io.IOException;

/** Plays a peer in a contract, with a real socket. Each wait has a time limit, after which the client throws. */
public interface ContractClient extends AutoCloseable {

    /**
     * Send bytes. If the transport has messages, the bytes are one message.
     *
     * @param bytes the bytes to send
     * @throws IOException if the bytes cannot be sent
     */
    void send(byte[] bytes) throws IOException;

    /**
     * {@return the next {@code n} bytes, or fewer if the stream ends. If the transport has messages, the result is one message}
     *
     * @param n how many bytes to receive
     * @throws IOException if the bytes do not arrive in time
     */
    byte[] receive(int n) throws IOException;

    @Override
    void close() throws IOException;
}
