package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.buffer.Backlog;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Batch.Form;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Framing;
import java.nio.ByteBuffer;

/**
 * Makes of a batch what members of another form can take, once for all of them on one side: of framed messages bare ones,
 * which costs no copy, and the reverse, which costs one. Used on the side's owner's thread.
 */
final class Conversion {
    private final Framing framing;
    private final int maxMessageSize;
    private final Backlog backlog;

    private Batch source; // null: there is nothing converted
    private Batch converted;
    private int largest;

    Conversion(GroupRules rules, Backlog backlog) {
        this.framing = rules.framing();
        this.maxMessageSize = rules.maxMessageSize();
        this.backlog = backlog;
    }

    /** {@return whether this member cannot take the batch as it is} */
    boolean isNeeded(Seat seat, Batch batch) {
        // A message is as good a piece of a raw stream as any.
        return seat.form() != batch.form() && (framing.isFramed() || batch.form() == Form.STREAM);
    }

    /** {@return the batch in its other form, until {@link #end}} */
    Batch of(Batch batch, int largestMessage) {
        if (source == batch && largest == largestMessage) {
            return converted;
        }
        end();
        converted = batch.form() == Form.STREAM
                ? batch.bare(framing, largestMessage)
                : batch.framed(framing, maxMessageSize, backlog);
        source = batch;
        largest = largestMessage;
        return converted;
    }

    /** The batch has been delivered. */
    void end() {
        if (source == null) {
            return;
        }
        if (converted.form() == Form.STREAM) {
            converted.release();
        }
        source = null;
        converted = null;
    }

    /** {@return a message of our own, with its frame; to be released} */
    Batch keep(byte[] text) {
        var bytes = ByteBuffer.allocateDirect(Math.max(1, text.length)).put(0, text);
        return new Batch(Block.borrowed(bytes), Form.MESSAGES)
                .add(0, text.length)
                .framed(framing, maxMessageSize, backlog);
    }
}
