package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Conversation;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.MessageKind;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Plays the runtime's part towards the codec of one {@link ScriptedConnection}, on the thread of its loop. */
final class ScriptedConversation implements Conversation {
    private static final int FRAME = 64 * 1024;

    private final ScriptedConnection connection;
    private final Peer peer;
    private final int firstMessageLimit;
    private final Codec codec;
    private ByteBuffer left; // what the codec has not taken, from 0 to the position
    private boolean calling;
    private boolean isOver;
    private boolean isClosed;

    // What the codec has asked for.
    private Encoding encoding; // null: nothing
    private ByteBuffer firstMessage;
    private GroupId group;
    private Reason endedFor; // null: the codec has not ended the connection

    ScriptedConversation(ScriptedConnection connection, Codec.Factory codecs, Peer peer, int firstMessageLimit) {
        this.connection = connection;
        this.peer = peer;
        this.firstMessageLimit = firstMessageLimit;
        this.left = ByteBuffer.allocateDirect(firstMessageLimit);
        this.codec = codecs.open(this);
    }

    Optional<Encoding> encoding() {
        return Optional.ofNullable(encoding);
    }

    /** {@return how many more bytes may be read} */
    int room() {
        return left.remaining();
    }

    /** Take bytes of the peer, and do what the codec asks for. */
    void received(ByteBuffer bytes) {
        left.put(bytes);
        present();
    }

    private void present() {
        boolean wasMember = connection.membership() != null;
        left.flip();
        call(() -> codec.received(left));
        boolean isMore = left.position() > 0 && left.hasRemaining();
        left.compact();
        if (endedFor != null) {
            connection.endFor(endedFor);
        } else if (encoding != null && !wasMember) {
            join();
        } else if (isMore && wasMember) {
            present();
        } else if (!left.hasRemaining()) {
            connection.refuse(wasMember ? Reason.MESSAGE_TOO_LARGE : Reason.FIRST_MESSAGE_TOO_LONG);
        }
    }

    private void join() {
        if (group == null) {
            connection.ask(firstMessage);
        } else {
            connection.join(group);
        }
        if (connection.membership() == null) {
            return; // refused
        }
        int most = Math.max(firstMessageLimit, connection.membership().largestMessage() + FRAME);
        left = ByteBuffer.allocateDirect(most).put(left.flip());
        call(codec::joined);
        if (endedFor != null) {
            connection.endFor(endedFor);
        } else if (left.position() > 0) {
            present();
        }
    }

    void ended() {
        call(codec::ended);
        isOver = true;
    }

    void goodbye(Reason reason) {
        call(() -> codec.goodbye(reason));
        isOver = true;
    }

    void close() {
        isOver = true;
        if (!isClosed) {
            isClosed = true;
            codec.close();
        }
    }

    private void call(Runnable method) {
        if (isOver) {
            return;
        }
        calling = true;
        try {
            method.run();
        } finally {
            calling = false;
            isOver |= endedFor != null;
        }
    }

    private boolean isHeard() {
        if (!calling) {
            throw new IllegalStateException("a codec uses its conversation during its own methods only");
        }
        return endedFor == null;
    }

    private Membership membership() {
        if (connection.membership() == null) {
            throw new IllegalStateException("the connection is no member");
        }
        return connection.membership();
    }

    @Override
    public Peer peer() {
        return peer;
    }

    @Override
    public void join(ByteBuffer asked, Encoding own) {
        if (isHeard()) {
            firstMessage = ByteBuffer.allocate(asked.remaining())
                    .put(asked.duplicate())
                    .flip()
                    .asReadOnlyBuffer();
            encoding = own;
        }
    }

    @Override
    public void join(GroupId asked, Encoding own) {
        if (isHeard()) {
            group = asked;
            encoding = own;
        }
    }

    @Override
    public void publish(ByteBuffer message, MessageKind kind) {
        if (!isHeard()) {
            return;
        }
        if (message.remaining() > largestMessage()) {
            endedFor = Reason.MESSAGE_TOO_LARGE;
            return;
        }
        connection.publish(
                new Batch(Block.borrowed(copy(message)), Batch.Form.MESSAGES).add(0, message.remaining(), kind));
    }

    @Override
    public void send(ByteBuffer bytes) {
        if (isHeard()) {
            connection.send(copy(bytes));
        }
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining())
                .put(bytes.duplicate())
                .flip();
    }

    @Override
    public void end(Reason reason, String detail) {
        if (isHeard()) {
            endedFor = reason;
        }
    }

    @Override
    public int largestMessage() {
        return membership().largestMessage();
    }

    @Override
    public Memory memory() {
        return membership().memory();
    }
}
