package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.runtime.streams.wire.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes what a codec sends before its connection is a member. Nothing waits: the peer takes everything at once, or is closed. */
public final class DirectLine implements Dialogue.Line {
    private final Wire wire;
    private boolean failed;

    public DirectLine(Wire wire) {
        this.wire = wire;
    }

    @Override
    public void send(ByteBuffer bytes) {
        if (failed) {
            return;
        }
        var sent = bytes.duplicate();
        try {
            wire.write(sent);
            failed = sent.hasRemaining() || !wire.isFlushed();
        } catch (IOException _) {
            failed = true;
        }
    }

    /** {@return whether the peer has not taken everything} */
    public boolean hasFailed() {
        return failed;
    }
}
