package dev.socketforwarder.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests how text and bytes from strangers are shown. */
class PrintableTest {
    @Test
    void plainTextStaysAsItIs() {
        assertThat(Printable.quoted("group-1")).isEqualTo("\"group-1\"");
        assertThat(Printable.line("tcp listening on \"x\"")).isEqualTo("tcp listening on \"x\"");
        assertThat(Printable.line("Grüße, 世界")).isEqualTo("Grüße, 世界");
    }

    @ParameterizedTest
    @CsvSource({
        "\\n, 10",
        "\\r, 13",
        "\\t, 9",
        "\\x1b, 27",
        "\\x7f, 127",
        "\\u{0085}, 133",
        "\\u{2028}, 8232",
        "\\u{202e}, 8238"
    })
    void whatEndsOrForgesALineIsEscaped(String escaped, int codePoint) {
        var text = "a" + Character.toString(codePoint) + "b";

        assertThat(Printable.line(text)).isEqualTo("a" + escaped + "b");
        assertThat(Printable.quoted(text)).isEqualTo("\"a" + escaped + "b\"");
    }

    @Test
    void quotesAndBackslashesAreEscapedInsideQuotesAlone() {
        assertThat(Printable.quoted("a\"b\\")).isEqualTo("\"a\\\"b\\\\\"");
        assertThat(Printable.line("a\"b\\\n")).isEqualTo("a\"b\\\\n");
    }

    @Test
    void longTextIsCut() {
        assertThat(Printable.quoted("x".repeat(81))).isEqualTo("\"" + "x".repeat(80) + "...\"");
        assertThat(Printable.quoted("x".repeat(80))).isEqualTo("\"" + "x".repeat(80) + "\"");
        assertThat(Printable.line("x".repeat(100_000))).hasSizeLessThan(9_000);
    }

    @Test
    void bytesAreShownAsAsciiAndCut() {
        var bytes = ByteBuffer.wrap("GET /ü\r\n\0".getBytes(StandardCharsets.UTF_8));
        bytes.position(4);

        assertThat(Printable.quoted(bytes)).isEqualTo("\"/\\xc3\\xbc\\r\\n\\x00\"");
        assertThat(bytes.position()).isEqualTo(4);
        assertThat(Printable.quoted(ByteBuffer.allocate(1_000)))
                .isEqualTo("\"" + "\\x00".repeat(Printable.MOST_BYTES) + "...\"");
    }

    @Test
    void bytesThatAreNoTextAreToldFromTextThatLooksLikeThem() {
        assertThat(text("Grüße €\n")).isEqualTo("Grüße €\\n");
        assertThat(text("a\\x1b\u001b")).isEqualTo("a\\\\x1b\\x1b");
        assertThat(text("\u0085")).isEqualTo("\\u{0085}");
        assertThat(Printable.text(new byte[] {'c', 'a', 'f', (byte) 0xe9, ' ', (byte) 0xff, (byte) 0x85}, false))
                .isEqualTo("caf\\xe9 \\xff\\x85");
    }

    @Test
    void aCharacterThatTheCutHalvedIsLeftOut() {
        var bytes = Arrays.copyOf("1 €".getBytes(StandardCharsets.UTF_8), 4);

        assertThat(Printable.text(bytes, true)).isEqualTo("1 ");
        assertThat(Printable.text(bytes, false)).isEqualTo("1 \\xe2\\x82");
    }

    private static String text(String text) {
        return Printable.text(text.getBytes(StandardCharsets.UTF_8), false);
    }

    @Test
    void anyBytesBecomeOneVisibleLine() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            var bytes = new byte[random.nextInt(50)];
            random.nextBytes(bytes);
            assertThat(Printable.text(bytes, random.nextBoolean()))
                    .as("seed " + seed)
                    .matches("[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]*");
        }
    }

    @Test
    void anythingBecomesOneVisibleLine() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            var text = new StringBuilder();
            random.ints(random.nextInt(50), 0, 0x3000).forEach(text::appendCodePoint);
            assertThat(Printable.line(text.toString()) + Printable.quoted(text.toString()))
                    .as("seed " + seed)
                    .matches("[^\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]*");
        }
    }
}
