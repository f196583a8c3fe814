package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Encoding;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What the members of one side with the same encoding are given: each publish is encoded once for all of them. Used on the
 * thread of the side's owner.
 */
final class Encoded {
    private static final int FIRST_CAPACITY = 16;

    private final Encoding encoding;
    private final Conversion conversion;
    int members; // maintained by the conversion

    // What a batch looks like in the encoding, until its delivery is over.
    private Batch source; // null while no batch is converted
    private Batch converted;

    // What a turn looks like, until the turn is cleared: one run, whose messages end at these positions.
    private Turn turn; // null while no turn is encoded
    private boolean isKept;
    private Batch all;
    private Batch around;
    private int start;
    private int leftOut;
    private int[] ends = new int[FIRST_CAPACITY];

    // The join reply of some member, and its encoded form.
    private ByteBuffer reply;
    private Optional<ByteBuffer> encodedReply = Optional.empty();

    Encoded(Encoding encoding, Conversion conversion) {
        this.encoding = encoding;
        this.conversion = conversion;
    }

    Encoding encoding() {
        return encoding;
    }

    /** {@return the batch in this encoding, valid until {@link #end}} */
    Batch of(Batch batch) {
        if (source != batch) {
            end();
            converted = conversion.encode(batch, encoding);
            source = batch;
        }
        return converted;
    }

    /** Release the converted batch after its delivery. */
    void end() {
        if (source != null) {
            source = null;
            converted.release();
            converted = null;
        }
    }

    /** {@return what others than this seat have published in the turn, until the next call} */
    Batch of(Turn published, Seat seat) {
        if (turn != published) {
            encode(published);
        }
        int own = seat.firstOfTurn;
        if (own < 0 || all.count() == 0) { // the encoding may have written nothing, and then has no beginning
            return all;
        }
        around.clear();
        int from = start;
        for (; own >= 0; own = published.nextOfSame(own)) {
            add(from, end(published.messagesBefore(own)));
            from = end(published.messagesUpTo(own));
        }
        add(from, end(published.bare().count()));
        return around;
    }

    private void add(int from, int to) {
        if (from < to) {
            around.add(from, to - from);
        }
    }

    /** {@return where the first messages end, of which there are so many} */
    private int end(int messages) {
        return messages == 0 ? start : position(messages - 1);
    }

    private int position(int message) {
        return ends[message] < 0 ? ~ends[message] : ends[message];
    }

    /** {@return how many of the messages for this seat the encoding cannot carry} */
    int leftOut(Turn published, Seat seat) {
        int others = leftOut;
        for (int own = seat.firstOfTurn; others > 0 && own >= 0; own = published.nextOfSame(own)) {
            for (int i = published.messagesBefore(own); i < published.messagesUpTo(own); i++) {
                others -= ends[i] < 0 ? 1 : 0;
            }
        }
        return others;
    }

    private void encode(Turn published) {
        clear();
        var bare = published.bare();
        if (ends.length < bare.count()) {
            ends = new int[Math.max(bare.count(), 2 * ends.length)];
        }
        var room = published.isKept() ? null : published.room().forEncoded(bare.maxEncoded(encoding));
        if (room == null) {
            use(conversion.backlog().encode(bare, encoding, conversion.maxMessageSize(), ends));
            isKept = true;
            leftOut = all.leftOut();
            start = all.count() == 0 ? 0 : all.offset(0);
        } else {
            use(published.room().encoded());
            start = room.position();
            leftOut = bare.encode(encoding, conversion.maxMessageSize(), room, ends);
            if (room.position() > start) {
                all.add(start, room.position() - start);
            }
        }
        turn = published;
        published.encodedBy(this);
    }

    private void use(Block block) {
        if (all == null || all.block() != block) {
            all = new Batch(block);
            around = new Batch(block);
        }
        all.clear();
    }

    private void use(Batch kept) {
        all = kept;
        around = new Batch(kept.block());
    }

    /** Forget the turn. */
    void clear() {
        turn = null;
        if (isKept) {
            isKept = false;
            all.release();
            all = null;
        }
    }

    /** {@return the reply, which has the group's framing, in this encoding; in direct memory, from 0 to its capacity} */
    Optional<ByteBuffer> reply(ByteBuffer framed) {
        if (reply != framed) {
            encodedReply = conversion.encode(framed, encoding);
            reply = framed;
        }
        return encodedReply;
    }
}
