package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Conversation;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.MessageKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A codec that keeps all promises except one. A frame is one byte for what it is ({@code J} to join, {@code M} for a message), four
 * bytes for a length, and as many bytes.
 */
final class FaultyCodec implements Codec {
    static final int HEADER = 5;
    static final String WELCOME = "welcome";

    enum Slip implements Mutant {
        NONE("", null),
        TAKES_PIECES("everythingMayComeInPieces", Promise.CODEC_LEAVES),
        CUTS_LARGE_MESSAGES("aLargeMessagePassesAndOneTooLargeClosesItsSender", Promise.MESSAGE_BOUNDED),
        IGNORES_NONSENSE("nonsenseEndsItsSenderAlone", Promise.NONSENSE_REPORTED),
        COUNTS_MESSAGES("equalEncodingsMakeEqualBytes", Promise.ENCODING_EQUAL);

        private final Finding finding;

        Slip(String test, Promise promise) {
            this.finding = new Finding(CodecSubject.class, test, promise);
        }

        @Override
        public Finding finding() {
            return finding;
        }
    }

    private record Frames(Slip slip) implements Encoding {
        private static final AtomicInteger COUNT = new AtomicInteger();

        @Override
        public long maxBytes(int length) {
            return (long) HEADER + length;
        }

        @Override
        public boolean encode(ByteBuffer message, MessageKind kind, ByteBuffer into) {
            int mark = slip == Slip.COUNTS_MESSAGES ? COUNT.incrementAndGet() : 'M';
            into.put((byte) mark).putInt(message.remaining()).put(message);
            return true;
        }
    }

    private final Conversation conversation;
    private final Slip slip;
    private boolean asked;
    private boolean isMember;
    private boolean isLost; // whether it has taken a piece, and so finds no further message

    FaultyCodec(Conversation conversation, Slip slip) {
        this.conversation = conversation;
        this.slip = slip;
    }

    @Override
    public void received(ByteBuffer bytes) {
        if (isLost) {
            bytes.position(bytes.limit());
        }
        while (!isLost && (isMember || !asked)) {
            if (bytes.remaining() < HEADER || bytes.remaining() - HEADER < bytes.getInt(bytes.position() + 1)) {
                if (slip == Slip.TAKES_PIECES && isMember) {
                    isLost = bytes.hasRemaining();
                    bytes.position(bytes.limit());
                }
                return;
            }
            take(bytes.get(), bytes.getInt(), bytes);
        }
    }

    private void take(byte mark, int length, ByteBuffer bytes) {
        var content = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        if (mark == 'J' && !asked) {
            asked = true;
            conversation.join(content, new Frames(slip));
        } else if (mark == 'M' && isMember) {
            boolean cuts = slip == Slip.CUTS_LARGE_MESSAGES;
            conversation.publish(
                    cuts ? content.limit(Math.min(length, conversation.largestMessage())) : content,
                    MessageKind.BINARY);
        } else if (slip != Slip.IGNORES_NONSENSE) {
            conversation.end(Reason.PROTOCOL_ERROR, "no message");
            isMember = false;
        }
    }

    @Override
    public void joined() {
        isMember = true;
        conversation.send(ByteBuffer.wrap(WELCOME.getBytes(StandardCharsets.US_ASCII)));
    }
}
