package dev.socketforwarder.transport.websocket;

import static dev.socketforwarder.transport.websocket.Wire.BINARY;
import static dev.socketforwarder.transport.websocket.Wire.CLOSE;
import static dev.socketforwarder.transport.websocket.Wire.CONTINUATION;
import static dev.socketforwarder.transport.websocket.Wire.FIN;
import static dev.socketforwarder.transport.websocket.Wire.PING;
import static dev.socketforwarder.transport.websocket.Wire.PONG;
import static dev.socketforwarder.transport.websocket.Wire.RSV1;
import static dev.socketforwarder.transport.websocket.Wire.RSV2;
import static dev.socketforwarder.transport.websocket.Wire.RSV3;
import static dev.socketforwarder.transport.websocket.Wire.TEXT;
import static dev.socketforwarder.transport.websocket.Wire.closing;
import static dev.socketforwarder.transport.websocket.Wire.concat;
import static dev.socketforwarder.transport.websocket.Wire.frame;
import static dev.socketforwarder.transport.websocket.Wire.hex;
import static dev.socketforwarder.transport.websocket.Wire.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests every rule of RFC 6455 (sections 5 to 8) and RFC 7692 for what a client sends, as a table of raw frames. */
class FramesTest {
    private static final int LARGEST = 100_000;
    private static final Deflate DEFLATE = new Deflate();

    /**
     * One line of the table.
     *
     * @param rule the section, and what it says
     * @param sent what the client sends
     * @param expected what comes of it
     */
    private record Case(String rule, byte[] sent, List<String> expected) {
        @Override
        public String toString() {
            return rule;
        }
    }

    @AfterAll
    static void end() {
        DEFLATE.close();
    }

    private static Case of(String rule, byte[] sent, String... expected) {
        return new Case(rule, sent, List.of(expected));
    }

    static Stream<Case> plain() {
        var cases = new ArrayList<Case>();
        framing(cases);
        fragments(cases);
        control(cases);
        closes(cases);
        texts(cases);
        return cases.stream();
    }

    private static void framing(List<Case> cases) {
        cases.add(of("5.1 a frame without a mask fails", hex("8105 48656c6c6f"), "fail 1002"));
        cases.add(of("5.1 an empty frame without a mask fails", hex("8100"), "fail 1002"));
        cases.add(of("5.7 a masked text", hex("8185 37fa213d 7f9f4d5158"), "text Hello"));
        cases.add(of("5.2 a text and bytes are told apart", frame(FIN | BINARY, hex("00ff")), "binary 00ff"));
        cases.add(of("5.2 an empty text", frame(FIN | TEXT, ""), "text "));
        cases.add(of("5.2 an empty message of bytes", frame(FIN | BINARY, ""), "binary "));
        for (int rsv : new int[] {RSV1, RSV2, RSV3, RSV1 | RSV2 | RSV3}) {
            cases.add(of(
                    "5.2 reserved bits without an extension fail: " + rsv, frame(FIN | rsv | TEXT, "a"), "fail 1002"));
            cases.add(of("5.2 also on a ping: " + rsv, frame(FIN | rsv | PING, ""), "fail 1002"));
        }
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            cases.add(of("5.2 a reserved opcode fails: " + opcode, frame(FIN | opcode, ""), "fail 1002"));
        }
        for (int length : new int[] {125, 126, 127, 65_535, 65_536, LARGEST}) {
            cases.add(of(
                    "5.2 a length at the bound of its form: " + length,
                    frame(FIN | BINARY, new byte[length]),
                    2 * length <= 100 ? "binary " + "0".repeat(2 * length) : "binary 0000000000... of " + 2 * length));
        }
        cases.add(of("5.2 a length of 2 bytes for 125 fails", frame(FIN | BINARY, 126, new byte[125]), "fail 1002"));
        cases.add(of("5.2 a length of 8 bytes for 126 fails", frame(FIN | BINARY, 127, new byte[126]), "fail 1002"));
        cases.add(
                of("5.2 a length of 8 bytes for 65535 fails", frame(FIN | BINARY, 127, new byte[65_535]), "fail 1002"));
        cases.add(of("5.2 the first bit of a length is 0", hex("82ff ffffffffffffffff 00000000"), "fail 1002"));
        cases.add(of(
                "10.4 a frame that is too large fails at its header", hex("82ff 00000000000186a1 0000"), "fail 1009"));
        cases.add(of("10.4 so does a huge one", hex("82ff 7fffffffffffffff 00000000"), "fail 1009"));
    }

    private static void fragments(List<Case> cases) {
        cases.add(of(
                "5.4 fragments become one message of the first one's kind",
                concat(frame(TEXT, "He"), frame(CONTINUATION, "l"), frame(FIN | CONTINUATION, "lo")),
                "text Hello"));
        cases.add(of(
                "5.4 of bytes too",
                concat(frame(BINARY, hex("01")), frame(FIN | CONTINUATION, hex("02"))),
                "binary 0102"));
        cases.add(of(
                "5.4 fragments may be empty",
                concat(frame(TEXT, ""), frame(CONTINUATION, ""), frame(FIN | CONTINUATION, "")),
                "text "));
        cases.add(of(
                "5.4 pings come in between, and are told at once",
                concat(frame(TEXT, "He"), frame(FIN | PING, "p"), frame(FIN | CONTINUATION, "llo")),
                "ping p",
                "text Hello"));
        cases.add(of(
                "5.4 so may pongs",
                concat(frame(TEXT, "He"), frame(FIN | PONG, "p"), frame(FIN | CONTINUATION, "llo")),
                "text Hello"));
        cases.add(of(
                "5.4 a close in the middle of a message",
                concat(frame(TEXT, "He"), frame(FIN | CLOSE, closing(1000, ""))),
                "closed 1000"));
        cases.add(of("5.4 a continuation of nothing fails", frame(FIN | CONTINUATION, "a"), "fail 1002"));
        cases.add(of(
                "5.4 a continuation behind a whole message fails",
                concat(frame(FIN | TEXT, "a"), frame(CONTINUATION, "b")),
                "text a",
                "fail 1002"));
        cases.add(of(
                "5.4 fragments of two messages do not mix",
                concat(frame(TEXT, "a"), frame(FIN | TEXT, "b")),
                "fail 1002"));
        cases.add(of("5.4 an unfinished message is no message", frame(TEXT, "a")));
        cases.add(of(
                "5.4 messages follow each other",
                concat(frame(TEXT, "a"), frame(FIN | CONTINUATION, "b"), frame(FIN | BINARY, hex("03"))),
                "text ab",
                "binary 03"));
        cases.add(of(
                "10.4 fragments that are too large together fail",
                concat(frame(BINARY, new byte[LARGEST]), frame(FIN | CONTINUATION, "a")),
                "fail 1009"));
        var many = IntStream.range(0, 3_000)
                .mapToObj(_ -> frame(CONTINUATION, "a"))
                .toArray(byte[][]::new);
        cases.add(of(
                "5.4 very many fragments",
                concat(frame(TEXT, ""), concat(many), frame(FIN | CONTINUATION, "")),
                "text aaaaaaaaaa... of 3000"));
    }

    private static void control(List<Case> cases) {
        for (int opcode : new int[] {CLOSE, PING, PONG}) {
            cases.add(of("5.5 a control frame is no fragment: " + opcode, frame(opcode, ""), "fail 1002"));
            cases.add(of(
                    "5.5 a control frame has at most 125 bytes: " + opcode,
                    frame(FIN | opcode, new byte[126]),
                    "fail 1002"));
        }
        cases.add(of("5.5.2 a ping", frame(FIN | PING, ""), "ping "));
        cases.add(of("5.5.2 a ping of 125 bytes", frame(FIN | PING, "p".repeat(125)), "ping " + "p".repeat(125)));
        cases.add(of("5.5.3 a pong nobody asked for", frame(FIN | PONG, "p")));
    }

    private static void closes(List<Case> cases) {
        cases.add(of("5.5.1 a close without a code", frame(FIN | CLOSE, ""), "closed -1"));
        cases.add(of("5.5.1 a close with a reason", frame(FIN | CLOSE, closing(1001, "ü")), "closed 1001"));
        cases.add(of("5.5.1 a close of one byte fails", frame(FIN | CLOSE, "a"), "fail 1002"));
        cases.add(of("5.5.1 a reason that is not UTF-8 fails", frame(FIN | CLOSE, hex("03e8 ff")), "fail 1007"));
        cases.add(of(
                "5.5.1 nothing counts behind a close",
                concat(frame(FIN | CLOSE, ""), frame(FIN | TEXT, "a"), hex("ffffffff")),
                "closed -1"));
        for (int code : new int[] {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
            cases.add(of(
                    "7.4 a code that may be sent: " + code, frame(FIN | CLOSE, closing(code, "")), "closed " + code));
        }
        for (int code : new int[] {0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535}) {
            cases.add(of(
                    "7.4 a code that may not be sent fails: " + code,
                    frame(FIN | CLOSE, closing(code, "")),
                    "fail 1002"));
        }
    }

    private static void texts(List<Case> cases) {
        cases.add(of("8.1 a text of all widths", frame(FIN | TEXT, "aß水🜁"), "text aß水🜁"));
        cases.add(of(
                "5.6 a character may be divided among fragments",
                concat(frame(TEXT, hex("f09f")), frame(CONTINUATION, hex("9c")), frame(FIN | CONTINUATION, hex("81"))),
                "text 🜁"));
        for (var wrong : new String[] {
            "ff",
            "c3",
            "80",
            "c0af",
            "e08080",
            "f0808080",
            "eda080",
            "edbfbf",
            "f4908080",
            "f8888080",
            "61c328",
            "ce ba e1"
        }) {
            cases.add(of("8.1 a text that is not UTF-8 fails: " + wrong, frame(FIN | TEXT, hex(wrong)), "fail 1007"));
        }
        cases.add(of(
                "8.1 so does one that ends inside a character",
                concat(frame(TEXT, hex("61")), frame(FIN | CONTINUATION, hex("f09f9c"))),
                "fail 1007"));
        cases.add(of("8.1 bytes may be anything", frame(FIN | BINARY, hex("fffe")), "binary fffe"));
    }

    static Stream<Case> compressed() {
        var hello = hex("f248cdc9c90700");
        return Stream.of(
                of("7692 7.2.3.1 a compressed text", frame(FIN | RSV1 | TEXT, hello), "text Hello"),
                of(
                        "7692 7.2.3.1 in two fragments",
                        concat(frame(RSV1 | TEXT, hex("f248cd")), frame(FIN, hex("c9c90700"))),
                        "text Hello"),
                of(
                        "7692 7.2.3.3 a block without compression",
                        frame(FIN | RSV1 | TEXT, hex("000500faff48656c6c6f00")),
                        "text Hello"),
                of("7692 7.2.3.4 a final block", frame(FIN | RSV1 | TEXT, hex("f348cdc9c9070000")), "text Hello"),
                of(
                        "7692 7.2.3.4 some final blocks",
                        frame(FIN | RSV1 | TEXT, concat(hex("0300".repeat(7)), hex("f348cdc9c9070000"))),
                        "text Hello"),
                of(
                        "so many final blocks that they are work without a message fail",
                        frame(FIN | RSV1 | TEXT, hex("0300".repeat(9))),
                        "fail 1007"),
                of(
                        "7692 7.2.3.5 two blocks",
                        frame(FIN | RSV1 | TEXT, hex("f248050000 00ffffcac9c90700")),
                        "text Hello"),
                of("7692 7.2.3.6 an empty message", frame(FIN | RSV1 | TEXT, hex("00")), "text "),
                of(
                        "7692 6.1 a message that is not compressed among others",
                        concat(
                                frame(FIN | RSV1 | TEXT, hello),
                                frame(FIN | TEXT, "a"),
                                frame(FIN | RSV1 | BINARY, hello)),
                        "text Hello",
                        "text a",
                        "binary 48656c6c6f"),
                of(
                        "7692 6.1 a ping between fragments",
                        concat(frame(RSV1 | TEXT, hex("f248cd")), frame(FIN | PING, "p"), frame(FIN, hex("c9c90700"))),
                        "ping p",
                        "text Hello"),
                of(
                        "7692 7.1.1.2 the window of an earlier message is gone",
                        concat(frame(FIN | RSV1 | TEXT, hello), frame(FIN | RSV1 | TEXT, hex("f200110000"))),
                        "text Hello",
                        "fail 1007"),
                of(
                        "7692 6.1 the bit on a later fragment fails",
                        concat(frame(TEXT, "a"), frame(FIN | RSV1, "b")),
                        "fail 1002"),
                of("7692 6.1 the bit on a ping fails", frame(FIN | RSV1 | PING, ""), "fail 1002"),
                of("6455 5.2 the other reserved bits still fail", frame(FIN | RSV2 | TEXT, "a"), "fail 1002"),
                of("6455 5.2 together with the first one too", frame(FIN | RSV1 | RSV3 | TEXT, hello), "fail 1002"),
                of(
                        "6455 8.1 a compressed text that is not UTF-8 fails",
                        frame(FIN | RSV1 | TEXT, deflated(hex("ff"))),
                        "fail 1007"),
                of(
                        "7692 7.2.2 what is not compressed at all fails",
                        frame(FIN | RSV1 | TEXT, hex("ffffff")),
                        "fail 1007"),
                of(
                        "a message of the largest size",
                        frame(FIN | RSV1 | BINARY, deflated(new byte[LARGEST])),
                        "binary 0000000000... of " + 2 * LARGEST),
                of(
                        "a message that is larger when restored fails",
                        frame(FIN | RSV1 | BINARY, deflated(new byte[LARGEST + 1])),
                        "fail 1009"),
                of(
                        "so does one that is 1000 times as large",
                        frame(FIN | RSV1 | BINARY, deflated(new byte[50_000_000])),
                        "fail 1009"));
    }

    private static byte[] deflated(byte[] message) {
        var deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(message);
        var all = new ByteArrayOutputStream();
        var some = new byte[8_192];
        int count;
        while ((count = deflater.deflate(some, 0, some.length, Deflater.SYNC_FLUSH)) > 0) {
            all.write(some, 0, count);
        }
        deflater.end();
        var bytes = all.toByteArray();
        return java.util.Arrays.copyOf(bytes, bytes.length - 4);
    }

    @ParameterizedTest
    @MethodSource("plain")
    void framesMeanWhatTheRfcSays(Case each) {
        assertThat(Told.by(each.sent(), Integer.MAX_VALUE / 2, LARGEST, null)).isEqualTo(each.expected());
    }

    @ParameterizedTest
    @MethodSource("plain")
    void theyMeanTheSameInPieces(Case each) {
        int piece = each.sent().length > 1_000 ? 997 : 1;
        assertThat(Told.by(each.sent(), piece, LARGEST, null)).isEqualTo(each.expected());
    }

    @ParameterizedTest
    @MethodSource("compressed")
    void compressedFramesMeanWhatTheRfcSays(Case each) {
        assertThat(Told.by(each.sent(), Integer.MAX_VALUE / 2, LARGEST, DEFLATE))
                .isEqualTo(each.expected());
    }

    @ParameterizedTest
    @MethodSource("compressed")
    void compressedFramesMeanTheSameInPieces(Case each) {
        int piece = each.sent().length > 1_000 ? 997 : 1;
        assertThat(Told.by(each.sent(), piece, LARGEST, DEFLATE)).isEqualTo(each.expected());
    }

    @Test
    void anIncompleteFrameWaitsOutside() throws Violation {
        var told = new Told();
        try (var frames = new Frames(told, LARGEST, null, told)) {
            var bytes = ByteBuffer.wrap(concat(frame(FIN | TEXT, "a"), new byte[] {(byte) 0x81}));
            frames.read(bytes);
            assertThat(bytes.remaining()).isEqualTo(1);
        }
    }

    @Test
    void aCompressedMessageMayBeABitLargerThanItIs() {
        var random = new byte[LARGEST];
        new java.util.Random(1).nextBytes(random);
        assertThat(deflated(random).length).isBetween(LARGEST, Deflate.largestOf(LARGEST));
        assertThat(Told.by(frame(FIN | RSV1 | BINARY, deflated(random)), 1 << 20, LARGEST, DEFLATE))
                .singleElement()
                .asString()
                .startsWith("binary");
    }

    @Test
    void bytesBehindAViolationAreDiscarded() {
        assertThat(Told.by(concat(hex("8100"), utf8("anything")), 1 << 20, LARGEST, null))
                .containsExactly("fail 1002");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatOneCallRestoresIsBounded(boolean isFragmented) throws Violation {
        var told = new Told();
        int count = 100; // of 100 KB each, in some 10 KB
        var bytes = ByteBuffer.allocate(64 << 10);
        for (int i = 0; i < count; i++) {
            bytes.put(frame((isFragmented ? 0 : FIN) | RSV1 | BINARY, deflated(new byte[LARGEST])));
            if (isFragmented) {
                bytes.put(frame(FIN | CONTINUATION, ""));
            }
        }
        bytes.flip();
        int calls = 0;
        try (var frames = new Frames(told, LARGEST, DEFLATE, told)) {
            for (; bytes.hasRemaining(); calls++) {
                int before = told.events().size();
                frames.read(bytes);
                assertThat(told.events().size() - before).isBetween(1, (256 << 10) / LARGEST + 1);
            }
        }
        assertThat(calls).isEqualTo(34);
        assertThat(told.events()).hasSize(count);
    }

    @Test
    void framesAreCopiedOnTheHeap() throws Violation {
        var told = new Told();
        var frame = frame(FIN | BINARY, "a");
        try (var frames = new Frames(told, LARGEST, null, told)) {
            frames.read(ByteBuffer.allocateDirect(frame.length).put(frame).flip());
        }
        assertThat(told.events()).containsExactly("binary 61");
        assertThat(told.areOnHeap()).isTrue();
    }
}
