package dev.socketforwarder.runtime.streams.loop;

/**
 * How far a connection's peer is, in bytes since the connection began. The first two numbers never fall.
 *
 * @param acknowledged how many bytes the peer's kernel has acknowledged
 * @param read how many bytes the peer's program has read, if its socket is on this machine; else 0
 * @param unacknowledged how many bytes our kernel still holds
 */
public record PeerProgress(long acknowledged, long read, long unacknowledged) {

    /** {@return how many bytes the peer has come further since {@code before}, by the number that grew most} */
    public long since(PeerProgress before) {
        // A peer's kernel acknowledges in steps as large as a segment, which is 64 KiB on the loopback. Reads of the
        // peer's program are seen at once.
        return Math.max(acknowledged - before.acknowledged, read - before.read);
    }
}
