package dev.socketforwarder.runtime.streams.arrival;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.streams.arrival.ProxyHeader.Complete;
import dev.socketforwarder.runtime.streams.arrival.ProxyHeader.Malformed;
import dev.socketforwarder.runtime.streams.arrival.ProxyHeader.Missing;
import dev.socketforwarder.runtime.streams.arrival.ProxyHeader.NeedMore;
import dev.socketforwarder.runtime.streams.arrival.ProxyHeader.Result;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] binary(String hexAfterSignature) {
        return HexFormat.of().parseHex(SIGNATURE + hexAfterSignature.replace(" ", ""));
    }

    private static Result read(byte[] stream) {
        return ProxyHeaderFuzz.read(stream, Integer.MAX_VALUE).result();
    }

    private static Result from(String address, int port) {
        return new Complete(Optional.of(new InetSocketAddress(address, port)));
    }

    private static final Result UNKNOWN = new Complete(Optional.empty());

    @Test
    void whateverTheSplitsTheHeaderIsReadAndNothingBehindIt() {
        record Case(byte[] header, Result result) {}
        var tlvs = "030004aabbccdd 04000100".replace(" ", "");
        for (var each : List.of(
                new Case(latin("PROXY TCP4 203.0.113.7 127.0.0.1 65535 80\r\n"), from("203.0.113.7", 65_535)),
                new Case(latin("PROXY TCP4 1.1.1.1 1.1.1.2 1 2\r\n"), from("1.1.1.1", 1)),
                new Case(latin("PROXY TCP6 2001:db8::7 ::1 1 2\r\n"), from("2001:db8::7", 1)),
                new Case(latin("PROXY TCP6 ::ffff:203.0.113.7 ::1 1 2\r\n"), from("203.0.113.7", 1)),
                new Case(latin("PROXY UNKNOWN\r\n"), UNKNOWN),
                new Case(latin("PROXY UNKNOWN ffff:f::1 what ever\r\n"), UNKNOWN),
                new Case(binary("21 11 000c cb007107 7f000001 ffff 0050"), from("203.0.113.7", 65_535)),
                new Case(binary("21 11 0017 cb007107 7f000001 0001 0050" + tlvs), from("203.0.113.7", 1)),
                new Case(
                        binary("21 21 0024 20010db8000000000000000000000007" + "0".repeat(31) + "1 0001 0002"),
                        from("2001:db8::7", 1)),
                new Case(binary("20 00 0000"), UNKNOWN),
                new Case(binary("20 11 000c cb007107 7f000001 ffff 0050"), UNKNOWN),
                new Case(binary("21 12 000c cb007107 7f000001 ffff 0050"), UNKNOWN),
                new Case(binary("21 22 0024" + "0".repeat(72)), UNKNOWN),
                new Case(binary("21 31 00d8" + "2f".repeat(216)), UNKNOWN),
                new Case(binary("21 32 0000"), UNKNOWN),
                new Case(binary("21 00 000b" + tlvs), UNKNOWN))) {
            for (var rest : List.of("", "SOCKETFORWARDER-NEW:g\n", "\r\n\r\n")) {
                var stream = Arrays.copyOf(each.header, each.header.length + rest.length());
                System.arraycopy(latin(rest), 0, stream, each.header.length, rest.length());
                for (int most = 1; most <= stream.length; most++) {
                    assertThat(ProxyHeaderFuzz.read(stream, most))
                            .as("%s, by %d", HexFormat.of().formatHex(each.header), most)
                            .isEqualTo(new ProxyHeaderFuzz.Reading(each.result, each.header.length));
                }
            }
            for (int i = 0; i < each.header.length; i++) {
                assertThat(read(Arrays.copyOf(each.header, i))).isInstanceOf(NeedMore.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 203.0.113.7 127.0.0.1 65536 80",
                "PROXY TCP4 203.0.113.7 127.0.0.1 1 -1",
                "PROXY TCP4 203.0.113.256 127.0.0.1 1 2",
                "PROXY TCP4 203.0.113 127.0.0.1 1 2",
                "PROXY TCP4 ::1 ::1 1 2",
                "PROXY TCP4 1.1.1.1 127.0.0.1 1 2 ",
                "PROXY TCP4  1.1.1.1 127.0.0.1 1 2",
                "PROXY TCP4 1.1.1.1 127.0.0.1 1",
                "PROXY TCP6 1.1.1.1 2.2.2.2 1 2",
                "PROXY TCP6 fe80::1%1 ::1 1 2",
                "PROXY TCP6 [::1] ::1 1 2",
                "PROXY TCP6 :::: ::1 1 2",
                "PROXY TCP5 1.1.1.1 2.2.2.2 1 2",
                "PROXY UNKNOWNS",
                "PROXY unknown  ",
                "PROXY TCP4 1.1.1.1\n127.0.0.1 1 2",
            })
    void aLineWithAnythingElseIsMalformed(String line) {
        assertThat(read(latin(line + "\r\n"))).isInstanceOf(Malformed.class);
    }

    @Test
    void aLineThatDoesNotEndIsMalformed() {
        assertThat(read(latin("PROXY UNKNOWN " + "x".repeat(91) + "\r\n"))).isEqualTo(UNKNOWN);
        assertThat(read(latin("PROXY UNKNOWN " + "x".repeat(92) + "\r\n"))).isInstanceOf(Malformed.class);
        assertThat(read(latin("PROXY X\r\n" + "x".repeat(200)))).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @CsvSource({
        "11 11 000c cb007107 7f000001 ffff 0050",
        "22 11 000c cb007107 7f000001 ffff 0050",
        "21 10 000c cb007107 7f000001 ffff 0050",
        "21 41 00d8",
        "21 11 000b cb007107 7f000001 ffff 00",
        "21 11 0000",
        "21 21 000c cb007107 7f000001 ffff 0050",
        "20 00 ffff",
        "21 11 0ff1",
    })
    void aBinaryHeaderWithAnythingElseIsMalformed(String hex) {
        assertThat(read(Arrays.copyOf(binary(hex), 300))).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SOCKETFORWARDER-NEW:g\n", "PROXX", "P\n", "proxy ", "\n", "\r\n\r\nx", "GET / HTTP/1.1\r\n"})
    void somethingElseIsNoHeader(String text) {
        assertThat(read(latin(text))).isEqualTo(new Missing());
        assertThat(ProxyHeaderFuzz.read(latin(text), 1).result()).isEqualTo(new Missing());
    }
}
