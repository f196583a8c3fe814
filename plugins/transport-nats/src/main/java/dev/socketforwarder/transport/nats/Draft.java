package dev.socketforwarder.transport.nats;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.MessageKind;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One NATS message that is being put together: room for its envelope, and the messages of a group. The stream of a framed group is
 * taken as it is, since the framing tells where each message ends. Parts of raw streams, datagrams and messages of codecs each follow
 * four bytes: their length, and in the two highest bits their kind.
 */
final class Draft {
    /** The bytes in front of each part. */
    static final int LENGTH_BYTES = Integer.BYTES;

    static final int KIND_SHIFT = 30;
    static final int LENGTH_MASK = (1 << KIND_SHIFT) - 1;

    private final Batch.Form form;
    private final Trail trail; // with this process at its end
    private final String framing;
    private ByteBuffer message;
    private int count;

    /**
     * Begin a message.
     *
     * @param bytes how many bytes the body will have, if nothing else comes
     */
    Draft(Batch.Form form, Trail trail, String framing, int bytes) {
        this.form = form;
        this.trail = trail;
        this.framing = framing;
        int envelope = Envelope.bytes(trail, framing);
        message = ByteBuffer.allocate(envelope + bytes).position(envelope);
    }

    /** {@return whether messages of this form and trail can be added, so that the NATS message has at most {@code most} bytes} */
    boolean takes(Batch.Form added, Trail addedTrail, int bytes, int most) {
        return form == added && trail.equals(addedTrail) && message.position() + bytes <= most;
    }

    /** Add messages in the group's framing. */
    void addFramed(ByteBuffer from, int start, int length, int messages) {
        reserve(length);
        put(from, start, length);
        count += messages;
    }

    /** Add one part of a stream, or one message, with its length and its kind. */
    void addPart(ByteBuffer from, int start, int length, MessageKind kind) {
        reserve(LENGTH_BYTES + length);
        message.putInt(kind.ordinal() << KIND_SHIFT | length);
        put(from, start, length);
        count++;
    }

    /** {@return how many messages, or parts, were added} */
    int count() {
        return count;
    }

    /**
     * Finish the message.
     *
     * @param incarnation see {@link Envelope}
     * @param first the number of the first message
     * @return the whole NATS message
     */
    byte[] finish(int incarnation, long first) {
        var whole = message.hasRemaining() ? Arrays.copyOf(message.array(), message.position()) : message.array();
        new Envelope(form, incarnation, first, count, trail, framing).write(whole);
        return whole;
    }

    private void put(ByteBuffer from, int start, int length) {
        message.put(message.position(), from, start, length).position(message.position() + length);
    }

    private void reserve(int length) {
        if (message.remaining() < length) {
            int needed = message.position() + length;
            message = ByteBuffer.wrap(Arrays.copyOf(message.array(), Math.max(needed, 2 * message.capacity())))
                    .position(message.position());
        }
    }
}
