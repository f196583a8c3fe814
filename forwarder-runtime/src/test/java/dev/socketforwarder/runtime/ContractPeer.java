package dev.socketforwarder.runtime;

import java.io.IOException;

/** A member in a test of the contract, with a plain socket. Every wait has a limit. */
public interface ContractPeer extends AutoCloseable {

    /** Send these bytes: one message, where the transport knows messages. */
    void send(byte[] bytes) throws IOException;

    /** Take the next {@code n} bytes: one message, where the transport knows messages. */
    byte[] receive(int n) throws IOException;

    @Override
    void close() throws IOException;
}
