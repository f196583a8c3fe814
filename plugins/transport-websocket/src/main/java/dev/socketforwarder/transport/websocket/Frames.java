package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.buffer.Memory;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.ByteBuffer;

/**
 * Reads the frames of one client and puts the parts of a message together. Netty decodes the frames; it never waits for the rest of
 * a frame, since only whole frames reach it. So nothing of an incomplete frame is held here.
 */
final class Frames implements AutoCloseable {
    /** The bit of a message's first frame that tells that the message is compressed. */
    private static final int COMPRESSED = 4;

    /** On the heap: Netty's own pools grow outside of what the runtime counts, and too much of that would end the process. */
    private static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false, true);

    // The first byte of a frame; the sign is the bit of the last fragment.
    private static final int RSV1 = 0x40;
    private static final int OPCODE = 0x0f;
    private static final int CONTINUATION = 0;

    private static final int LARGEST_CONTROL_FRAME = 125;
    private static final int MASK = 4;
    private static final int LARGEST_CODE = 4_999; // of a close frame; Netty looks at the smaller ones

    /** After so many bytes of compressed messages, a call takes no further frame: as many as a group may read in one turn. */
    private static final int MOST_RESTORED = 256 << 10;

    private final Listener listener;
    private final int largest; // of a message as it is published
    private final int largestOnWire;
    private final Deflate deflate; // null without compression
    private final Memory memory;
    private final EmbeddedChannel decoder;
    private final Parts parts;

    private boolean isText;
    private boolean isCompressed;
    private boolean isOver;
    private int restored; // bytes of compressed messages in this call

    /** Takes what a client sent. */
    interface Listener {
        /**
         * Take a message.
         *
         * @param isText whether the message is text, which is UTF-8
         * @param bytes the message from position to limit, valid during this call
         */
        void message(boolean isText, ByteBuffer bytes);

        /** Take a ping, whose payload the client wants back. */
        void ping(ByteBuffer payload);

        /**
         * Take the client's close frame. Nothing follows.
         *
         * @param code the client's code; -1 if it gave none
         */
        void closed(int code);
    }

    /**
     * Prepare for a client's first frame.
     *
     * @param largest the largest message that may be published, in bytes
     * @param deflate restores compressed messages; null if the client may not compress
     * @param memory for the parts of messages, and for large messages that were compressed
     */
    Frames(Listener listener, int largest, Deflate deflate, Memory memory) {
        this.listener = listener;
        this.largest = largest;
        this.deflate = deflate;
        this.memory = memory;
        this.parts = new Parts(memory);
        this.largestOnWire = deflate == null ? largest : Deflate.largestOf(largest);
        this.decoder = new EmbeddedChannel(new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(Math.max(LARGEST_CONTROL_FRAME, largestOnWire))
                .allowExtensions(deflate != null)
                .closeOnProtocolViolation(false) // how to close is not Netty's business
                .withUTF8Validator(false)
                .build()));
        decoder.config().setAllocator(HEAP);
    }

    /**
     * Take the whole frames, but stop when compressed messages have become very large: what one call publishes waits in memory together.
     *
     * @param bytes what has come; the position moves behind the last frame taken
     * @throws Violation if the connection must fail. What came before has been told
     */
    void read(ByteBuffer bytes) throws Violation {
        restored = 0;
        int end;
        while (!isOver && restored < MOST_RESTORED && (end = endOfWholeFrames(bytes)) > bytes.position()) {
            var whole = bytes.slice(bytes.position(), end - bytes.position());
            bytes.position(end);
            decode(whole);
        }
        if (isOver) {
            bytes.position(bytes.limit()); // RFC 6455, section 5.5.1: nothing counts behind a close frame
        }
    }

    private void decode(ByteBuffer whole) throws Violation {
        Violation violation = null;
        try {
            decoder.writeInbound(Unpooled.wrappedBuffer(whole));
        } catch (CorruptedWebSocketFrameException e) {
            int code = e.closeStatus().code();
            violation = code == Violation.TOO_BIG ? Violation.tooBig(largest) : new Violation(code, e.getMessage());
        } catch (DecoderException e) {
            violation = new Violation(Violation.PROTOCOL_ERROR, e.getMessage());
        }
        for (WebSocketFrame frame; (frame = decoder.readInbound()) != null; ) {
            try {
                take(frame);
            } finally {
                frame.release();
            }
        }
        if (violation != null) {
            isOver = true;
            throw violation;
        }
    }

    /**
     * {@return where the last whole frame ends, or the first one that may end a compressed message; the end of all bytes if a frame
     * is too large, which its header tells the decoder}
     */
    private int endOfWholeFrames(ByteBuffer bytes) {
        int at = bytes.position();
        while (bytes.limit() - at >= 2) {
            int second = bytes.get(at + 1);
            int width = switch (second & 0x7f) {
                case 126 -> 2;
                case 127 -> 8;
                default -> 0;
            };
            if (bytes.limit() - at < 2 + width) {
                break;
            }
            long length = switch (width) {
                case 2 -> bytes.getShort(at + 2) & 0xffff;
                case 8 -> bytes.getLong(at + 2);
                default -> second & 0x7f;
            };
            if (length < 0 || length > Math.max(largestOnWire, LARGEST_CONTROL_FRAME)) {
                return bytes.limit();
            }
            int header = 2 + width + (second < 0 ? MASK : 0);
            if (bytes.limit() - at - header < length) {
                break;
            }
            int first = bytes.get(at);
            at += header + (int) length;
            if (deflate != null && first < 0 && ((first & RSV1) != 0 || (first & OPCODE) == CONTINUATION)) {
                break;
            }
        }
        return at;
    }

    private void take(WebSocketFrame frame) throws Violation {
        if (isOver) {
            return;
        }
        try {
            switch (frame) {
                case TextWebSocketFrame _, BinaryWebSocketFrame _ -> begin(frame);
                case ContinuationWebSocketFrame _ -> add(frame);
                default -> control(frame);
            }
        } catch (Violation e) {
            isOver = true;
            throw e;
        }
    }

    private void control(WebSocketFrame frame) throws Violation {
        requireNoRsv(frame);
        switch (frame) {
            case PingWebSocketFrame ping -> listener.ping(ping.content().nioBuffer());
            case PongWebSocketFrame _ -> {} // that anything came is all that counts
            case CloseWebSocketFrame close -> {
                if (close.statusCode() > LARGEST_CODE) {
                    throw new Violation(Violation.PROTOCOL_ERROR, "a close code that does not exist");
                }
                isOver = true;
                listener.closed(close.statusCode());
            }
            default -> throw new IllegalStateException("no frame of RFC 6455: " + frame);
        }
    }

    private void begin(WebSocketFrame frame) throws Violation {
        isText = frame instanceof TextWebSocketFrame;
        isCompressed = deflate != null && frame.rsv() == COMPRESSED;
        if (!isCompressed) {
            requireNoRsv(frame);
        }
        requireFit(frame.content().readableBytes());
        if (frame.isFinalFragment()) {
            restore(frame.content().nioBuffer());
        } else {
            parts.add(frame.content());
        }
    }

    private void add(WebSocketFrame frame) throws Violation {
        requireNoRsv(frame);
        requireFit(parts.length() + frame.content().readableBytes());
        parts.add(frame.content());
        if (frame.isFinalFragment()) {
            restore(parts.whole());
            parts.close();
        }
    }

    private void restore(ByteBuffer message) throws Violation {
        if (isCompressed) {
            deflate.inflate(message, largest, memory, whole -> {
                restored += whole.remaining();
                publish(whole);
            });
        } else {
            publish(message);
        }
    }

    private void publish(ByteBuffer message) throws Violation {
        if (isText && !Texts.isUtf8(message)) {
            throw new Violation(Violation.INVALID_DATA, "a text that is not UTF-8");
        }
        listener.message(isText, message);
    }

    private static void requireNoRsv(WebSocketFrame frame) throws Violation {
        if (frame.rsv() != 0) {
            throw new Violation(
                    Violation.PROTOCOL_ERROR, "a reserved bit without a meaning is set: RSV " + frame.rsv());
        }
    }

    private void requireFit(int length) throws Violation {
        if (length > (isCompressed ? largestOnWire : largest)) {
            throw Violation.tooBig(largest);
        }
    }

    /** Let go of what has come of an incomplete message. */
    @Override
    public void close() {
        isOver = true;
        parts.close();
        decoder.finishAndReleaseAll();
    }
}
