package dev.socketforwarder.testkit;

import java.io.IOException;

/** A peer of a stream in a contract. */
public interface StreamClient extends ContractClient {

    /**
     * Read to the end of the stream, and throw away what comes before.
     *
     * @return false if it has not come within the limit; a reset is an end, too
     */
    boolean awaitEnd();

    /**
     * End the sending side, and go on to receive.
     *
     * @throws IOException if that cannot be done
     */
    void endOutput() throws IOException;

    /**
     * Close so that the other side sees a failure, where the kernel can do that (TCP: RST).
     *
     * @throws IOException if that cannot be done
     */
    void reset() throws IOException;
}
