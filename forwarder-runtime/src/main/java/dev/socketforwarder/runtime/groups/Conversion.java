package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.buffer.Backlog;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Batch.Form;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.MessageKind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Converts a batch for members of another form, or of another encoding, once for all such members of a side. Framed messages become
 * bare messages without a copy; an encoding costs one copy. Used on the thread of the side's owner.
 */
final class Conversion {
    private final Framing framing;
    private final int maxMessageSize;
    private final Backlog backlog;
    private final Encoded framed;
    private final List<Encoded> encodings = new ArrayList<>(0);

    // The last bare batch; null if there is none.
    private Batch source;
    private Batch bare;
    private int largest;

    private int[] ends = new int[1];

    Conversion(GroupRules rules, Backlog backlog) {
        this.framing = rules.framing();
        this.maxMessageSize = rules.maxMessageSize();
        this.backlog = backlog;
        this.framed = new Encoded(framing, this);
    }

    Backlog backlog() {
        return backlog;
    }

    int maxMessageSize() {
        return maxMessageSize;
    }

    Framing framing() {
        return framing;
    }

    /** {@return what serves the members that have the group's framing} */
    Encoded framed() {
        return framed;
    }

    /** {@return what serves the members of this encoding, to be given back by {@link #leave}} */
    Encoded enter(Encoding encoding) {
        for (var known : encodings) {
            if (known.encoding().equals(encoding)) {
                known.members++;
                return known;
            }
        }
        var added = new Encoded(encoding, this);
        added.members = 1;
        encodings.add(added);
        return added;
    }

    void leave(Encoded left) {
        if (--left.members == 0) {
            encodings.remove(left);
        }
    }

    /** {@return whether this member cannot take the batch in its present form} */
    boolean isNeeded(Seat seat, Batch batch) {
        return seat.encoded() != null || !seat.takes(batch.form(), framing.isFramed());
    }

    /** {@return the batch as this member takes it, valid until {@link #end}} */
    Batch of(Batch batch, Seat seat) {
        if (seat.encoded() != null) {
            return seat.encoded().of(batch);
        }
        return batch.form() == Form.STREAM ? bare(batch, seat.member().largestMessage()) : framed.of(batch);
    }

    private Batch bare(Batch batch, int largestMessage) {
        if (source != batch || largest != largestMessage) {
            bare = batch.bare(framing, largestMessage);
            source = batch;
            largest = largestMessage;
        }
        return bare;
    }

    /** {@return the batch in this encoding; the caller releases it} */
    Batch encode(Batch batch, Encoding encoding) {
        var messages = batch.form() == Form.MESSAGES ? batch : bare(batch, maxMessageSize);
        if (ends.length < messages.count()) {
            ends = new int[Math.max(messages.count(), 2 * ends.length)];
        }
        return backlog.encode(messages, encoding, maxMessageSize, ends);
    }

    /** {@return a message in the group's framing, in this encoding; in direct memory, from 0 to its capacity} */
    Optional<ByteBuffer> encode(ByteBuffer message, Encoding encoding) {
        var block = Block.borrowed(message);
        var texts = new Batch(block, Form.MESSAGES);
        var bareText = new Batch(block).add(0, message.capacity()).bare(framing, Integer.MAX_VALUE);
        for (int i = 0; i < bareText.count(); i++) {
            texts.add(bareText.offset(i), bareText.length(i), MessageKind.TEXT);
        }
        var into = ByteBuffer.allocateDirect(Math.toIntExact(texts.maxEncoded(encoding)));
        texts.encode(encoding, Integer.MAX_VALUE, into, new int[texts.count()]);
        into.flip();
        return into.hasRemaining() ? Optional.of(into.slice()) : Optional.empty();
    }

    /** Release the converted batches after their delivery. */
    void end() {
        source = null;
        bare = null;
        framed.end();
        for (int i = 0; i < encodings.size(); i++) {
            encodings.get(i).end();
        }
    }

    /** {@return a message of the forwarder's own, as this member takes it; the caller releases it} */
    Batch keep(byte[] text, Seat seat) {
        var bytes = ByteBuffer.allocateDirect(Math.max(1, text.length)).put(0, text);
        var message = new Batch(Block.borrowed(bytes), Form.MESSAGES).add(0, text.length, MessageKind.TEXT);
        return seat.encoded() == null ? backlog.encode(message, framing, maxMessageSize, ends) : backlog.keep(message);
    }
}
