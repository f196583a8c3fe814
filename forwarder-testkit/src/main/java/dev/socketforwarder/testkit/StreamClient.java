package dev.socketforwarder.testkit;

import java.io.IOException;

/** Plays a peer of a stream in a contract. */
public interface StreamClient extends ContractClient {

    /**
     * Read up to the end of the stream, and discard the bytes.
     *
     * @return whether the stream ended within the time limit; a reset counts as an end
     */
    boolean awaitEnd();

    /**
     * Shut down the output (half-close), and go on receiving.
     *
     * @throws IOException if the socket fails
     */
    void endOutput() throws IOException;

    /**
     * Reset the connection if the kernel can do that (RST of TCP). Otherwise close the connection.
     *
     * @throws IOException if the socket fails
     */
    void reset() throws IOException;
}
