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
import java.util.Objects;
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
    private boolean hears; // whether the codec is receiving, so that it may join and publish
    private boolean isOver; // whether only the close may follow
    private boolean isClosed;

    // What the codec has asked for.
    private Encoding encoding; // null: nothing
    private ByteBuffer firstMessage;
    private GroupId group;
    private Reason endedFor; // null: the codec has not ended the connection

    private Reason fault; // why the connection ends when the codec has returned; null: it goes on

    ScriptedConversation(ScriptedConnection connection, Codec.Factory codecs, Peer peer, int firstMessageLimit) {
        this.connection = connection;
        this.peer = peer;
        this.firstMessageLimit = firstMessageLimit;
        this.left = ByteBuffer.allocateDirect(firstMessageLimit);
        this.codec = Objects.requireNonNull(codecs.open(this), "the factory made no codec");
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
        hear(() -> codec.received(left));
        boolean isMore = left.position() > 0 && left.hasRemaining();
        left.compact();
        if (ends()) {
            return;
        }
        if (encoding != null && !wasMember) {
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
        if (!ends() && left.position() > 0) {
            present();
        }
    }

    void ended() {
        hear(codec::ended);
        if (!ends()) {
            isOver = true;
        }
    }

    /** {@return whether the codec has ended the connection, or was at fault} The connection then ends. */
    private boolean ends() {
        if (endedFor != null) {
            connection.endFor(endedFor);
            return true;
        }
        if (fault != null) {
            var reason = fault;
            fault = null; // or the codec's last words would not count
            connection.refuse(reason);
            return true;
        }
        return false;
    }

    void goodbye(Reason reason) {
        call(() -> codec.goodbye(reason));
        isOver = true;
    }

    void close() {
        isOver = true;
        if (!isClosed) {
            isClosed = true;
            calling = true; // for the memory that the codec gives back
            try {
                codec.close();
            } finally {
                calling = false;
            }
        }
    }

    private void hear(Runnable method) {
        hears = true;
        try {
            call(method);
        } finally {
            hears = false;
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

    /** {@return whether the call counts: the connection has not ended} */
    private boolean isHeard() {
        checkCaller();
        return endedFor == null && fault == null && !isClosed;
    }

    private void checkCaller() {
        if (!calling || !connection.isOnLoop()) {
            throw new IllegalStateException("a codec uses its conversation during its own methods only");
        }
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
        var copy = ByteBuffer.allocate(asked.remaining()).put(asked.duplicate()).flip();
        if (mayJoin(own)) {
            firstMessage = copy.asReadOnlyBuffer();
            encoding = own;
        }
    }

    @Override
    public void join(GroupId asked, Encoding own) {
        Objects.requireNonNull(asked);
        if (mayJoin(own)) {
            group = asked;
            encoding = own;
        }
    }

    private boolean mayJoin(Encoding own) {
        if (!isHeard()) {
            return false;
        }
        if (!hears || encoding != null) {
            throw new IllegalStateException("a codec joins once, while it receives");
        }
        Objects.requireNonNull(own);
        return true;
    }

    @Override
    public void publish(ByteBuffer message, MessageKind kind) {
        if (!isHeard()) {
            return;
        }
        if (!hears) {
            throw new IllegalStateException("a codec publishes while it receives, or when its peer has ended");
        }
        Objects.requireNonNull(kind);
        if (message.remaining() > membership().largestMessage()) {
            fault = Reason.MESSAGE_TOO_LARGE;
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
            Objects.requireNonNull(detail);
            endedFor = Objects.requireNonNull(reason);
        }
    }

    @Override
    public int largestMessage() {
        checkCaller();
        return membership().largestMessage();
    }

    @Override
    public Memory memory() {
        checkCaller();
        return membership().memory();
    }
}
