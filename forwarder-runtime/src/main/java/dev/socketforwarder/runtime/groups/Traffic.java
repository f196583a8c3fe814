package dev.socketforwarder.runtime.groups;

/**
 * Counts what a member, or the members of a side, published and were given. One thread counts; any thread may read, and sees
 * values that may be a moment old. (Each read is a call of its own, and the 64-bit JVMs that the forwarder runs on write a
 * long in one piece, so counting needs no fence.)
 */
final class Traffic {
    private long bytesIn;
    private long bytesOut;
    private long leftOut;

    void in(long bytes) {
        bytesIn += bytes;
    }

    void out(long bytes) {
        bytesOut += bytes;
    }

    void leftOut(long messages) {
        leftOut += messages;
    }

    void add(Traffic other) {
        bytesIn += other.bytesIn;
        bytesOut += other.bytesOut;
        leftOut += other.leftOut;
    }

    long bytesIn() {
        return bytesIn;
    }

    long bytesOut() {
        return bytesOut;
    }

    long leftOut() {
        return leftOut;
    }
}
