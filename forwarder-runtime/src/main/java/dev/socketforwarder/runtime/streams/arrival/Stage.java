package dev.socketforwarder.runtime.streams.arrival;

import java.nio.ByteBuffer;

/** One of the things that come before a connection is a member. On the loop of its {@link ArrivingConnection}. */
interface Stage {

    /** Its turn has come. */
    void begin();

    /** The socket is ready. */
    void onReady();

    /** The time for all stages is over: refuse. */
    void onTimeout();

    /** {@return what the peer has sent in it, as far as a log may show it} */
    default ByteBuffer received() {
        return ByteBuffer.allocate(0);
    }
}
