package dev.socketforwarder.transport.websocket;

import static dev.socketforwarder.transport.websocket.Wire.hex;
import static dev.socketforwarder.transport.websocket.Wire.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.MessageKind;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests how messages look to members. */
class EncodingsTest {
    private static final Texts BY_KIND = new Texts(false);
    private static final Texts BY_CONTENT = new Texts(true);

    private static byte[] encoded(Encoding encoding, byte[] message, MessageKind kind) {
        var bytes = ByteBuffer.allocateDirect(message.length).put(message).flip();
        var into = ByteBuffer.allocateDirect(7 + (int) encoding.maxBytes(message.length));
        into.position(7); // behind the message of another
        assertThat(encoding.encode(bytes, kind, into)).isTrue();
        return Wire.bytes(into.flip().position(7));
    }

    @Test
    void aFrameHasTheOpcodeOfItsKindAndNoMask() {
        var encoding = new FrameEncoding(BY_KIND, null);
        assertThat(encoded(encoding, utf8("Hello"), MessageKind.TEXT)).isEqualTo(hex("8105 48656c6c6f"));
        assertThat(encoded(encoding, utf8("Hello"), MessageKind.BINARY)).isEqualTo(hex("8205 48656c6c6f"));
        assertThat(encoded(encoding, utf8("Hello"), MessageKind.NONE)).isEqualTo(hex("8205 48656c6c6f"));
    }

    @Test
    void whatIsUtf8MayBeText() {
        var encoding = new FrameEncoding(BY_CONTENT, null);
        assertThat(encoded(encoding, utf8("ä"), MessageKind.NONE)).isEqualTo(hex("8102 c3a4"));
        assertThat(encoded(encoding, hex("c3"), MessageKind.NONE)).isEqualTo(hex("8201 c3"));
        assertThat(encoded(encoding, utf8("ä"), MessageKind.BINARY)).isEqualTo(hex("8202 c3a4"));
    }

    @ParameterizedTest
    @CsvSource({"0,8200", "125,827d", "126,827e007e", "65535,827effff", "65536,827f0000000000010000"})
    void theLengthHasItsShortestForm(int length, String header) {
        var bytes = encoded(new FrameEncoding(BY_KIND, null), new byte[length], MessageKind.NONE);
        assertThat(bytes).hasSize(length + header.length() / 2).startsWith(hex(header));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 63, 64, 200, 1_000, 70_000, 1_000_000, 1 << 20, 5_000_000})
    void whatIsCompressedIsRestored(int length) throws Violation {
        var message = utf8("compress ".repeat(length / 9 + 1).substring(0, length));
        var deflate = new Deflate();
        var bytes = encoded(new FrameEncoding(BY_KIND, deflate), message, MessageKind.TEXT);
        if (length >= 64) {
            assertThat(bytes[0]).isEqualTo((byte) 0xc1);
            assertThat(bytes.length).isLessThan(length);
            int header = bytes[1] == 126 ? 4 : bytes[1] == 127 ? 10 : 2;
            var memory = new Told();
            deflate.inflate(
                    ByteBuffer.wrap(bytes, header, bytes.length - header).slice(), length, memory, restored -> {
                        assertThat(Wire.bytes(restored)).isEqualTo(message);
                        assertThat(memory.acquired()).isEqualTo(length > 1 << 20 ? 1 : 0); // counted, if it is large
                    });
            assertThat(memory.acquired()).isZero();
        } else {
            assertThat(bytes[0]).isEqualTo((byte) 0x81);
        }
        deflate.close();
    }

    @Test
    void restoringMessagesLeavesNoGarbage() throws Violation {
        int length = 1 << 20; // as large as messages may be by default
        var deflate = new Deflate();
        var frame = encoded(new FrameEncoding(BY_KIND, deflate), new byte[length], MessageKind.BINARY);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = 0;
        for (int i = 0; i < 10; i++) {
            allocated = -threads.getCurrentThreadAllocatedBytes();
            deflate.inflate(ByteBuffer.wrap(frame, 4, frame.length - 4).slice(), length, new Told(), _ -> {});
            allocated += threads.getCurrentThreadAllocatedBytes();
        }
        assertThat(allocated).isLessThan(10_000);
        deflate.close();
    }

    @Test
    void whatGrowsIsNotCompressed() {
        var random = new byte[1_000];
        new Random(1).nextBytes(random);
        var deflate = new Deflate();
        assertThat(encoded(new FrameEncoding(BY_KIND, deflate), random, MessageKind.BINARY))
                .startsWith(hex("827e03e8"))
                .endsWith(random);
        deflate.close();
    }

    @Test
    void equalEncodingsAreSharedByMembers() {
        var deflate = new Deflate();
        assertThat(new FrameEncoding(new Texts(true), deflate)).isEqualTo(new FrameEncoding(new Texts(true), deflate));
        assertThat(new FrameEncoding(BY_KIND, deflate)).isNotEqualTo(new FrameEncoding(BY_KIND, null));
        assertThat(new EventEncoding(BY_KIND)).isEqualTo(new EventEncoding(new Texts(false)));
        assertThat(new NoEncoding()).isEqualTo(new NoEncoding());
        deflate.close();
    }

    private static String event(byte[] message, MessageKind kind) {
        return new String(encoded(new EventEncoding(BY_KIND), message, kind), StandardCharsets.UTF_8);
    }

    @Test
    void anEventHasALineForEachLineOfTheText() {
        assertThat(event(utf8("one"), MessageKind.TEXT)).isEqualTo("data: one\n\n");
        assertThat(event(utf8("the first\nthe second\r\nthe third\rthe fourth"), MessageKind.TEXT))
                .isEqualTo("data: the first\ndata: the second\ndata: the third\ndata: the fourth\n\n");
        assertThat(event(utf8(""), MessageKind.TEXT)).isEqualTo("data: \n\n");
        assertThat(event(utf8("a\n"), MessageKind.TEXT)).isEqualTo("data: a\ndata: \n\n");
    }

    @Test
    void bytesAreBase64() {
        assertThat(event(hex("00ff10"), MessageKind.BINARY)).isEqualTo("event: binary\ndata: AP8Q\n\n");
        assertThat(event(utf8("tcp"), MessageKind.NONE)).isEqualTo("event: binary\ndata: dGNw\n\n");
        assertThat(event(utf8(""), MessageKind.BINARY)).isEqualTo("event: binary\ndata: \n\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {3_071, 3_072, 3_073, 6_144, 100_000})
    void largeBytesAreBase64InOnePiece(int length) {
        var message = new byte[length];
        new Random(length).nextBytes(message);
        assertThat(event(message, MessageKind.BINARY))
                .isEqualTo("event: binary\ndata: " + Base64.getEncoder().encodeToString(message) + "\n\n");
    }

    @Test
    void noTextMakesAnEventThatDoesNotFit() {
        for (int length = 0; length < 500; length++) {
            for (var line : new String[] {"\n", "a\n", "abcdef\n", "\r\n", "\r"}) {
                var text = line.repeat(length);
                var event = event(utf8(text), MessageKind.TEXT);
                assertThat(event.length()).isLessThanOrEqualTo(2 * text.length() + 64);
                assertThat(event).endsWith("\n\n");
            }
        }
    }

    @Test
    void nothingIsNothing() {
        assertThat(encoded(new NoEncoding(), utf8("a"), MessageKind.TEXT)).isEmpty();
    }
}
