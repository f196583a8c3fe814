package dev.socketforwarder.runtime.streams.loop;

/**
 * How far a connection's peer is, in bytes of all that was ever sent to it. Neither number ever falls.
 *
 * @param acknowledged what its kernel has acknowledged
 * @param read what its program has read, where its socket is on this machine; else 0
 * @param unacknowledged what our kernel holds still
 */
public record PeerProgress(long acknowledged, long read, long unacknowledged) {

    /** {@return how many bytes more this is than {@code before}, by the number that moved most} */
    public long since(PeerProgress before) {
        // A peer's kernel acknowledges in steps as large as a segment, which is 64 KiB on the loopback; its program's
        // reads are
        // seen at once.
        return Math.max(acknowledged - before.acknowledged, read - before.read);
    }
}
