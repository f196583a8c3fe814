package dev.socketforwarder.testkit;

import java.io.IOException;

/** Plays a peer of a stream in a contract. */
public interface StreamClient extends ContractClient {

    /**
     * Read to the end of the stream, and discard the bytes before it.
     *
     * @return whether the end has come within the limit; a reset is an end too
     */
    boolean awaitEnd();

    /**
     * Shut the output (half-close), and keep receiving.
     *
     * @throws IOException if that cannot be done
     */
    void endOutput() throws IOException;

    /**
     * Reset the connection, where the kernel can do that (TCP: RST); elsewhere close it.
     *
     * @throws IOException if that cannot be done
     */
    void reset() throws IOException;
}
