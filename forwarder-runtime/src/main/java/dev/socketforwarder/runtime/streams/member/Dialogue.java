package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Conversation;
import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.MessageKind;
import dev.socketforwarder.api.kit.AddressText;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * One connection's codec, from its first byte to its close. The dialogue outlives the move from the arriving connection to the
 * member: it sends through whichever {@link Line} the connection has. What a codec asks for, the dialogue notes; the runtime
 * acts on it when the codec has returned. Used on the connection's loop.
 */
public final class Dialogue implements Conversation {

    /** The way to the peer and to the group that a connection has at present. */
    interface Line {
        void send(ByteBuffer bytes);

        /** {@return whether the connection is about to end, so that what the codec does counts no more} */
        default boolean isAtFault() {
            return false;
        }

        default void publish(ByteBuffer message, MessageKind kind) {
            throw new IllegalStateException("the connection is no member");
        }

        default int largestMessage() {
            throw new IllegalStateException("the connection is no member");
        }

        default Memory memory() {
            throw new IllegalStateException("the connection is no member");
        }
    }

    /**
     * What a codec wants to join with.
     *
     * @param firstMessage what the policies read; null if the codec names the group itself
     * @param group the group; null if the policies name it
     */
    public record Joining(ByteBuffer firstMessage, GroupId group) {}

    /** How a codec ends its connection. */
    public record End(Reason reason, String detail) {}

    private static final Logger LOG = System.getLogger(Dialogue.class.getName());

    private final Peer peer;
    private Codec codec;
    private Line line;

    private Thread caller; // null while no code of the codec runs
    private boolean hears; // whether the codec is receiving, so that it may join and publish
    private Joining joining; // null: the codec has not asked yet
    private Encoding encoding;
    private End end; // null: the codec has not ended the connection
    private boolean isOver; // whether only the close may follow
    private boolean isToClose;

    private Dialogue(Peer peer, Line line) {
        this.peer = peer;
        this.line = line;
    }

    /** Make the codec of a connection that arrives, and that sends through this line. */
    public static Dialogue open(Codec.Factory codecs, Peer peer, DirectLine line) {
        var dialogue = new Dialogue(peer, line);
        dialogue.codec = Objects.requireNonNull(codecs.open(dialogue), "the factory made no codec");
        return dialogue;
    }

    /** Send through this line from now on. */
    void use(Line other) {
        line = other;
    }

    /** {@return what the codec wants to join with; null: it has not asked} */
    public Joining joining() {
        return joining;
    }

    /** {@return how the codec ends the connection; null: it does not} */
    public End end() {
        return end;
    }

    Encoding encoding() {
        return encoding;
    }

    /** {@return whether code of the codec runs} */
    boolean isAtWork() {
        return caller != null;
    }

    /** Let the codec take bytes. */
    public void receive(ByteBuffer bytes) {
        if (isOver) {
            bytes.position(bytes.limit());
            return;
        }
        hears = true;
        enter();
        try {
            codec.received(bytes);
        } finally {
            hears = false;
            leave();
        }
    }

    void joined() {
        call(codec::joined);
    }

    void ended() {
        hears = true;
        try {
            call(codec::ended);
        } finally {
            hears = false;
        }
    }

    void probe() {
        call(codec::probe);
    }

    /** Let the codec tell the peer why the connection ends, unless the codec itself has ended it. */
    public void goodbye(Reason reason) {
        if (caller == null && end == null) {
            fenced(() -> call(() -> codec.goodbye(reason)));
            isOver = true;
        }
    }

    /** Let the codec say nothing more. */
    void silence() {
        isOver = true;
    }

    private void call(Runnable method) {
        if (isOver) {
            return;
        }
        enter();
        try {
            method.run();
        } finally {
            leave();
        }
    }

    private void enter() {
        caller = Thread.currentThread();
    }

    private void leave() {
        caller = null;
        if (isToClose) {
            close();
        }
    }

    /** Let the codec release what it holds. The first call counts. */
    public void close() {
        isOver = true;
        isToClose = caller != null;
        if (codec != null && !isToClose) {
            var closing = codec;
            codec = null;
            fenced(() -> {
                enter(); // for the memory that the codec gives back
                try {
                    closing.close();
                } finally {
                    leave();
                }
            });
        }
    }

    /** Run the codec's last words; whatever they throw, the connection ends. */
    private void fenced(Runnable words) {
        try {
            words.run();
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(
                    Level.WARNING,
                    "A codec failed while the connection of " + AddressText.of(peer.remote()) + " ended",
                    e);
        }
    }

    /** {@return whether the call counts: the connection has not ended} */
    private boolean isHeard() {
        checkCaller();
        return codec != null && end == null && !isToClose && !line.isAtFault();
    }

    private void checkCaller() {
        if (caller != Thread.currentThread()) {
            throw new IllegalStateException("a codec uses its conversation during its own methods only");
        }
    }

    @Override
    public Peer peer() {
        return peer;
    }

    @Override
    public void join(ByteBuffer firstMessage, Encoding own) {
        var copy = ByteBuffer.allocate(firstMessage.remaining())
                .put(firstMessage.duplicate())
                .flip();
        join(new Joining(copy.asReadOnlyBuffer(), null), own);
    }

    @Override
    public void join(GroupId group, Encoding own) {
        join(new Joining(null, Objects.requireNonNull(group)), own);
    }

    private void join(Joining asked, Encoding own) {
        if (isHeard()) {
            if (!hears || joining != null) {
                throw new IllegalStateException("a codec joins once, while it receives");
            }
            encoding = Objects.requireNonNull(own);
            joining = asked;
        }
    }

    @Override
    public void publish(ByteBuffer message, MessageKind kind) {
        if (isHeard()) {
            if (!hears) {
                throw new IllegalStateException("a codec publishes while it receives, or when its peer has ended");
            }
            line.publish(message, kind);
        }
    }

    @Override
    public void send(ByteBuffer bytes) {
        if (isHeard()) {
            line.send(bytes);
        }
    }

    @Override
    public void end(Reason reason, String detail) {
        if (isHeard()) {
            end = new End(Objects.requireNonNull(reason), Objects.requireNonNull(detail));
        }
    }

    @Override
    public int largestMessage() {
        checkCaller();
        return line.largestMessage();
    }

    @Override
    public Memory memory() {
        checkCaller();
        return line.memory();
    }
}
