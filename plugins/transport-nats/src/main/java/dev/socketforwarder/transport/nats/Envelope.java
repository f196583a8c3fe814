package dev.socketforwarder.transport.nats;

import dev.socketforwarder.api.buffer.Batch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;

/**
 * The first bytes of every NATS message that carries messages of a group. The README of this module describes the format.
 *
 * @param form what the messages were: parts of a stream, or datagrams
 * @param incarnation counts the groups that the sending forwarder has bridged, so that a group that begins again differs
 * @param first the number of the first message, counted from 1 since the group's begin
 * @param count how many messages follow, at least 1
 * @param trail the forwarders that passed the messages on; the last one is the sender
 * @param framing the text of the group's framing
 */
record Envelope(Batch.Form form, int incarnation, long first, int count, Trail trail, String framing) {
    private static final byte VERSION = 1;
    private static final int FIXED = 22;
    /** A larger number is a stranger's; sums with it would overflow. */
    private static final long LARGEST_NUMBER = 1L << 60;

    /** {@return the forwarder that sent the NATS message} */
    long node() {
        return trail.nodes().getLast();
    }

    /** {@return how many bytes an envelope takes} */
    static int bytes(Trail trail, String framing) {
        return FIXED + Long.BYTES * trail.nodes().size() + framing.length();
    }

    int bytes() {
        return bytes(trail, framing);
    }

    /** Write this envelope into the first {@link #bytes} bytes of a NATS message. */
    void write(byte[] message) {
        var into = ByteBuffer.wrap(message);
        into.put((byte) 'S').put((byte) 'F').put(VERSION);
        into.put((byte) form.ordinal());
        into.putInt(incarnation).putLong(first).putInt(count);
        into.put((byte) trail.nodes().size()).put((byte) framing.length());
        trail.nodes().forEach(into::putLong);
        into.put(framing.getBytes(StandardCharsets.US_ASCII));
    }

    /** {@return the envelope at the beginning of a NATS message; empty if these bytes are no envelope, whoever sent them} */
    static Optional<Envelope> read(byte[] message) {
        if (message.length < FIXED || message[0] != 'S' || message[1] != 'F' || message[2] != VERSION) {
            return Optional.empty();
        }
        var from = ByteBuffer.wrap(message).position(3);
        int form = from.get();
        int incarnation = from.getInt();
        long first = from.getLong();
        int count = from.getInt();
        int hops = Byte.toUnsignedInt(from.get());
        int framing = Byte.toUnsignedInt(from.get());
        boolean isValid = (form == 0 || form == 1)
                && first > 0
                && first < LARGEST_NUMBER
                && count > 0
                && hops > 0
                // Each message has at least one byte: a forged count must not spoil the counters.
                && from.remaining() - Long.BYTES * hops - framing >= count;
        if (!isValid) {
            return Optional.empty();
        }
        var nodes = new ArrayList<Long>(hops);
        for (int i = 0; i < hops; i++) {
            nodes.add(from.getLong());
        }
        // Bytes that are not ASCII become question marks, or the like, and so no framing.
        var text = new String(message, from.position(), framing, StandardCharsets.US_ASCII);
        return Optional.of(new Envelope(Batch.Form.values()[form], incarnation, first, count, new Trail(nodes), text));
    }
}
