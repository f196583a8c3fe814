package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Conversation;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.MessageKind;
import dev.socketforwarder.api.buffer.OutOfQueueException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Speaks a small protocol: {@code KIND LENGTH:BYTES,} with the kind in one character. The first message is {@code J} with what the
 * policies read, or {@code G} with a group id. Then {@code T} and {@code B} are messages of text and of bytes, {@code P} is a ping
 * that {@code O} answers, {@code Q} ends the connection, {@code W} makes the codec wait, {@code S}
 * makes it leave the rest to another call, {@code N} makes it publish as many bytes as the message says, and {@code X} makes the codec throw.
 */
public final class NetstringCodec implements Codec {
    private static final int LONGEST_LENGTH = 9;

    /** What has happened to the codecs of one endpoint. */
    public static final class Record {
        public final AtomicInteger open = new AtomicInteger();
        public final AtomicInteger closed = new AtomicInteger();
        /** What each codec does when it has joined, besides its answer. */
        public volatile Consumer<Conversation> onJoined = _ -> {};
        /** What the message {@code W} makes a codec do. */
        public volatile Runnable onWait = () -> {};
        /** What a codec does when it is closed. */
        public volatile Runnable onClosed = () -> {};

        public final List<String> events = Collections.synchronizedList(new ArrayList<>());

        public Codec codec(Conversation conversation) {
            open.incrementAndGet();
            return new NetstringCodec(conversation, this);
        }
    }

    /** Frames messages as the codec reads them; {@code tag} is a trailer that tells two encodings apart. */
    public record Netstrings(String tag) implements Encoding {
        /** How many messages were encoded by any such encoding. */
        public static final AtomicInteger ENCODED = new AtomicInteger();

        @Override
        public long maxBytes(int length) {
            return length + 12L + tag.length();
        }

        @Override
        public boolean encode(ByteBuffer message, MessageKind kind, ByteBuffer into) {
            ENCODED.incrementAndGet();
            if (message.remaining() == 4 && message.get(message.position()) == '!') {
                throw new OutOfQueueException();
            }
            if (message.remaining() == 3 && message.get(message.position()) == '!') {
                return false;
            }
            into.put((byte) "NTB".charAt(kind.ordinal()));
            digits(into, message.remaining());
            into.put((byte) ':').put(message).put((byte) ',');
            for (int i = 0; i < tag.length(); i++) {
                into.put((byte) tag.charAt(i));
            }
            return true;
        }

        private static void digits(ByteBuffer into, int number) {
            if (number >= 10) {
                digits(into, number / 10);
            }
            into.put((byte) ('0' + number % 10));
        }
    }

    private final Conversation conversation;
    private final Record record;
    private boolean joined;

    private NetstringCodec(Conversation conversation, Record record) {
        this.conversation = conversation;
        this.record = record;
    }

    /** {@return a message of the protocol} */
    public static String frame(char kind, String text) {
        return kind + "" + text.getBytes(StandardCharsets.UTF_8).length + ":" + text + ",";
    }

    @Override
    public void received(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int colon = colon(bytes);
            if (colon < 0) {
                return;
            }
            int length = 0;
            for (int i = bytes.position() + 1; i < colon; i++) {
                length = 10 * length + bytes.get(i) - '0';
            }
            if (bytes.limit() - colon - 2 < length) {
                return;
            }
            char kind = (char) bytes.get();
            int limit = bytes.limit();
            bytes.position(colon + 1).limit(colon + 1 + length);
            on(kind, bytes);
            bytes.limit(limit).position(colon + 2 + length);
            if (!joined || kind == 'Q' || kind == 'S') {
                return;
            }
        }
    }

    private int colon(ByteBuffer bytes) {
        for (int i = bytes.position() + 1; i < bytes.limit(); i++) {
            if (bytes.get(i) == ':') {
                return i;
            }
            if (bytes.get(i) < '0' || bytes.get(i) > '9' || i > bytes.position() + LONGEST_LENGTH) {
                conversation.send(bytes("!no netstring,"));
                conversation.end(Reason.PROTOCOL_ERROR, "no netstring");
                bytes.position(bytes.limit());
                return -1;
            }
        }
        return -1;
    }

    private void on(char kind, ByteBuffer bytes) {
        switch (kind) {
            case 'J' -> conversation.join(bytes, new Netstrings(""));
            case 'K' -> conversation.join(bytes, new Netstrings("~"));
            case 'G' ->
                conversation.join(
                        GroupId.of(StandardCharsets.UTF_8.decode(bytes).toString()), new Netstrings(""));
            case 'T' -> conversation.publish(bytes, MessageKind.TEXT);
            case 'B' -> conversation.publish(bytes, MessageKind.BINARY);
            case 'W' -> record.onWait.run();
            case 'N' ->
                conversation.publish(
                        ByteBuffer.allocate(Integer.parseInt(
                                StandardCharsets.US_ASCII.decode(bytes).toString())),
                        MessageKind.BINARY);
            case 'S' -> {}
            case 'P' -> conversation.send(bytes("O0:,"));
            case 'O' -> record.events.add("pong");
            case 'Q' -> {
                conversation.send(bytes("Q0:,"));
                conversation.end(Reason.PEER_CLOSED, "");
            }
            default -> throw new IllegalStateException("asked to throw");
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void joined() {
        joined = true;
        record.events.add("joined " + conversation.largestMessage());
        conversation.send(bytes("+0:,"));
        record.onJoined.accept(conversation);
    }

    @Override
    public void ended() {
        record.events.add("ended");
        conversation.publish(bytes("last words"), MessageKind.TEXT);
        conversation.send(bytes("E0:,"));
    }

    @Override
    public void probe() {
        record.events.add("probe");
        conversation.send(bytes("P0:,"));
    }

    @Override
    public void goodbye(Reason reason) {
        record.events.add("goodbye " + reason);
        conversation.send(bytes(frame('-', reason.label())));
    }

    @Override
    public void close() {
        record.onClosed.run();
        record.closed.incrementAndGet();
    }
}
