package dev.socketforwarder.api.buffer;

import java.nio.ByteBuffer;

/** Forwards bytes as they arrive, without messages. */
final class RawFraming extends Framing {

    @Override
    public boolean isFramed() {
        return false;
    }

    @Override
    public boolean fits(ByteBuffer bytes, int start, int length) {
        return true;
    }

    @Override
    void frame(ByteBuffer into, int at, int length) {}

    @Override
    public long end(ByteBuffer bytes, int from, int end) {
        return end;
    }

    @Override
    long end(ByteBuffer carry, int carried, ByteBuffer bytes, int start, int end) {
        return end;
    }

    @Override
    public String toString() {
        return "raw";
    }
}
