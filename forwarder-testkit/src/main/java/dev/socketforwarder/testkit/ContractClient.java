package dev.socketforwarder.testkit;

import java.io.IOException;

/** Plays a peer in a contract, with a socket of its own. Every wait has a limit, after which the client throws. */
public interface ContractClient extends AutoCloseable {

    /**
     * Send bytes: one message, where the transport knows messages.
     *
     * @param bytes what to send
     * @throws IOException if that cannot be done
     */
    void send(byte[] bytes) throws IOException;

    /**
     * {@return the next {@code n} bytes: one message, where the transport knows messages; fewer if the stream ends}
     *
     * @param n how many
     * @throws IOException if the bytes do not come
     */
    byte[] receive(int n) throws IOException;

    @Override
    void close() throws IOException;
}
