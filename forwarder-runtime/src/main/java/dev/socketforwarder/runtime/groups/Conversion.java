package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.buffer.Backlog;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Batch.Form;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Framing;
import java.nio.ByteBuffer;

/**
 * Converts a batch for members of another form, once for all such members of a side. Framed messages become bare
 * messages without a copy; the reverse costs one copy. Used on the thread of the side's owner.
 */
final class Conversion {
    private final Framing framing;
    private final int maxMessageSize;
    private final Backlog backlog;

    private Batch source; // null while nothing is converted
    private Batch converted;
    private int largest;

    Conversion(GroupRules rules, Backlog backlog) {
        this.framing = rules.framing();
        this.maxMessageSize = rules.maxMessageSize();
        this.backlog = backlog;
    }

    /** {@return whether this member cannot take the batch in its present form} */
    boolean isNeeded(Seat seat, Batch batch) {
        // A raw stream can carry messages as they are.
        return seat.form() != batch.form() && (framing.isFramed() || batch.form() == Form.STREAM);
    }

    /** {@return the batch in its other form, valid until {@link #end}} */
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

    /** Release the converted batch after its delivery. */
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

    /** {@return a message of the forwarder's own, with its frame; the caller releases it} */
    Batch keep(byte[] text) {
        var bytes = ByteBuffer.allocateDirect(Math.max(1, text.length)).put(0, text);
        return new Batch(Block.borrowed(bytes), Form.MESSAGES)
                .add(0, text.length)
                .framed(framing, maxMessageSize, backlog);
    }
}
