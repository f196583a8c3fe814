package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What is told when its socket has something to read. */
interface Readable {

    /**
     * Read what is there.
     *
     * @param shared a buffer to use meanwhile
     */
    void onReadable(ByteBuffer shared) throws IOException;
}
