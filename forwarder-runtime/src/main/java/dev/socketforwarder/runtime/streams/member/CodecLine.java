package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Deframer;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.MessageKind;
import dev.socketforwarder.api.buffer.OutOfQueueException;
import dev.socketforwarder.runtime.groups.Turn;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A member's way from and to its codec: what the peer sends goes to the codec, and what the codec publishes and sends goes to the
 * group and to the peer. Used on the group's loop.
 */
final class CodecLine implements Dialogue.Line {
    /** The most bytes that a codec may leave besides the largest message. */
    private static final int FRAME = 64 * 1024;

    private final Connection connection;
    private final Dialogue dialogue;
    private final Membership membership;
    private final Writing writing;
    private final Consumer<ByteBuffer> codec;
    private Turn turn; // null while nothing is read
    private long published; // bytes of messages, since the last read began
    private boolean hasMore; // whether the codec has taken some of what it was given, and left some
    private Reason fault; // why the connection ends when the codec returns; null: it goes on

    CodecLine(Connection connection, Dialogue dialogue, Membership membership, Writing writing) {
        this.connection = connection;
        this.dialogue = dialogue;
        this.membership = membership;
        this.writing = writing;
        this.codec = this::receive;
        dialogue.use(this);
    }

    private void receive(ByteBuffer bytes) {
        int start = bytes.position();
        dialogue.receive(bytes);
        hasMore = bytes.position() > start && bytes.hasRemaining();
    }

    /** {@return whether the codec is to be called again before anything more is read} */
    boolean hasMore() {
        return hasMore;
    }

    /** Let the codec read what is in the loop's block, and what it left before. */
    void read(Turn reading, int start, int length) {
        int most = (int) Math.min(Integer.MAX_VALUE, (long) membership.largestMessage() + FRAME);
        var block = reading.of(membership).block();
        turn = reading;
        published = 0;
        Deframer.Result result;
        try {
            result = membership.deframer().present(block, start, length, most, codec);
        } finally {
            turn = null;
        }
        switch (result) {
            case TAKEN -> settle();
            case TOO_LARGE -> fail(Reason.MESSAGE_TOO_LARGE);
            case NO_MEMORY -> fail(Reason.OUT_OF_QUEUE);
        }
    }

    /** {@return whether the close waits for the codec, which is at work and could not be told} */
    boolean postpones(Reason reason) {
        if (!dialogue.isAtWork() || connection.isLeaving()) {
            return false;
        }
        fault = fault == null ? reason : fault;
        return true;
    }

    /** {@return how many bytes the codec has published of the last read} */
    long published() {
        return published;
    }

    private void fail(Reason reason) {
        if (dialogue.end() == null && fault == null) {
            fault = reason;
        }
        settle();
    }

    /** Do what follows from the codec's last call, now that it has returned. */
    void settle() {
        if (connection.isLeaving() || connection.isClosed()) {
            return;
        }
        if (fault != null) {
            var reason = fault;
            fault = null; // or the codec's last words would not count
            connection.close(reason);
        } else if (dialogue.end() != null) {
            membership.deframer().end(); // what the codec leaves is no unfinished message
            connection.leaveAfterFlush(dialogue.end().reason());
        }
    }

    @Override
    public boolean isAtFault() {
        return fault != null;
    }

    @Override
    public void publish(ByteBuffer message, MessageKind kind) {
        if (!connection.isMember()) {
            return;
        }
        if (message.remaining() > membership.largestMessage()) {
            fault = Reason.MESSAGE_TOO_LARGE;
            return;
        }
        published += message.remaining();
        try {
            if (turn == null) {
                Turn.publishAlone(membership, message, kind);
            } else {
                turn.publish(membership, message, kind);
            }
        } catch (OutOfQueueException _) {
            fault = Reason.OUT_OF_QUEUE;
        }
    }

    @Override
    public void send(ByteBuffer bytes) {
        writing.send(bytes);
    }

    @Override
    public int largestMessage() {
        return membership.largestMessage();
    }

    @Override
    public Memory memory() {
        return membership.memory();
    }
}
