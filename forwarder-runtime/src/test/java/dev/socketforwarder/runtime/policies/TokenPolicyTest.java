package dev.socketforwarder.runtime.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.policies.Tokens.Scope;
import dev.socketforwarder.runtime.testing.Fakes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the tokens that the policy {@code token} admits and refuses. */
class TokenPolicyTest {
    private static final String PREFIX = PrefixHandshake.DEFAULT_PREFIX;
    private static final String SHARED = "shared-secret-of-sixteen";
    private static final String SIGNING = "signing-secret-of-sixteen";
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
    private static final Outcome BAD = new Rejected(Reason.BAD_TOKEN);

    private final Handshake handshake = make(Map.of(
            "SOCKETFORWARDER_TCP_TOKEN_SECRET", "another-secret-here\n" + SHARED,
            "SOCKETFORWARDER_TCP_TOKEN_SIGNING_SECRET", "newer-signing-secret\n" + SIGNING));

    private static Handshake make(Map<String, String> environment) {
        var settings = Fakes.merged("", environment).endpoint("tcp");
        return new TokenPolicy(InstantSource.fixed(NOW)).create(settings);
    }

    private static Outcome consider(Handshake handshake, String text, Arrival arrival) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var buffer = ByteBuffer.allocateDirect(bytes.length + 7);
        buffer.position(3).put(bytes).position(3).limit(3 + bytes.length);
        var peer = new Peer("tcp", new InetSocketAddress("127.0.0.1", 1), new InetSocketAddress("127.0.0.1", 2));
        return handshake.consider(peer, buffer.asReadOnlyBuffer(), arrival);
    }

    private Outcome line(String rest) {
        return consider(handshake, PREFIX + rest, Arrival.FIRST_READ);
    }

    private Outcome datagram(String rest) {
        return consider(handshake, PREFIX + rest, Arrival.DATAGRAM);
    }

    private static String signed(String group, long seconds) {
        return Tokens.make(SIGNING.getBytes(StandardCharsets.UTF_8), Scope.GROUP, group, NOW.plusSeconds(seconds));
    }

    @Test
    void theShortestMessageHasTheShortestToken() {
        assertThat(handshake.shortestMessage()).isEqualTo((PREFIX + "another-secret-here:g\n").length());
        var signed = make(Map.of("SOCKETFORWARDER_TCP_TOKEN_SIGNING_SECRET", SIGNING));
        assertThat(signed.shortestMessage()).isEqualTo((PREFIX + signed("g", 60) + ":g\n").length());
    }

    @Test
    void aSharedSecretLetsInToAnyGroup() {
        int length = (PREFIX + SHARED + ":g\n").length();
        assertThat(line(SHARED + ":g\n")).isEqualTo(new Admitted("g", length));
        assertThat(line(SHARED + ":a:b\r\ndata")).isEqualTo(new Admitted("a:b", length + 3));
        assertThat(line("another-secret-here:g\n")).isInstanceOf(Admitted.class);
    }

    @Test
    void aSignedTokenLetsInToItsGroupUntilItExpires() {
        var token = signed("jö:x", 60);
        assertThat(line(token + ":jö:x\n")).isEqualTo(new Admitted("jö:x", (PREFIX + token + ":jö:x\n").length() + 1));
        assertThat(line(token + ":other\n")).isEqualTo(BAD);
        assertThat(line(signed("g", 1) + ":g\n")).isInstanceOf(Admitted.class);
        assertThat(line(signed("g", 0) + ":g\n")).isEqualTo(BAD);
        assertThat(line(signed("g", -60) + ":g\n")).isEqualTo(BAD);
        assertThat(line("9" + token.substring(1) + ":jö:x\n")).isEqualTo(BAD);
    }

    @Test
    void aDatagramsTokenIsForTheEndpoint() {
        var token = Tokens.make(SIGNING.getBytes(StandardCharsets.UTF_8), Scope.ENDPOINT, "tcp", NOW.plusSeconds(60));
        int length = (PREFIX + token + ":80").length();
        assertThat(datagram(token + ":80")).isEqualTo(new Admitted("80", length));
        assertThat(datagram(token + ":80\n")).isEqualTo(new Admitted("80", length + 1));
        assertThat(datagram(token + ":")).isEqualTo(new Admitted("", length - 2));
        assertThat(datagram(SHARED + ":80")).isInstanceOf(Admitted.class);
        assertThat(datagram(signed("tcp", 60) + ":80")).isEqualTo(BAD);
        assertThat(line(token + ":tcp\n")).isEqualTo(BAD);
        assertThat(datagram("80")).isEqualTo(BAD);
        assertThat(consider(handshake, "SOCKET", Arrival.DATAGRAM))
                .isEqualTo(new Declined(Reason.WRONG_PREFIX, "expected \"SOCKETFORWARDER-NEW:<token>:<port>\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n",
                ":\n",
                ":g\n",
                "g\n",
                SHARED + "\n",
                SHARED + ":\n",
                SHARED + "x:g\n",
                "shared-secret-of-sixtee:g\n",
                "1.:g\n",
                ".:g\n",
                "1800000060.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:g\n",
                "1800000060.!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!:g\n",
                "99999999999999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:g\n"
            })
    void whateverIsWrongTheAnswerIsTheSame(String rest) {
        assertThat(line(rest)).isEqualTo(BAD);
    }

    @Test
    void partsThatAreTooLongOrNotUtf8AreMalformed() {
        assertThat(line(SHARED + ":" + "g".repeat(513) + "\n")).isEqualTo(BAD);
        assertThat(line("x".repeat(60_000) + ":g\n")).isEqualTo(BAD);
        var bytes = ByteBuffer.wrap((PREFIX + SHARED + ":\u00ff\n").getBytes(StandardCharsets.ISO_8859_1));
        var peer = new Peer("tcp", new InetSocketAddress("127.0.0.1", 1), new InetSocketAddress("127.0.0.1", 2));
        assertThat(handshake.consider(peer, bytes, Arrival.FIRST_READ)).isEqualTo(BAD);
    }

    @Test
    void splitsChangeNothing() {
        var message = PREFIX + signed("g", 60) + ":g\nrest";
        int end = message.indexOf('\n');
        for (int i = 0; i <= message.length(); i++) {
            var outcome = consider(handshake, message.substring(0, i), i == 0 ? Arrival.NONE : Arrival.MORE);
            assertThat(outcome).as("%d", i).isEqualTo(i <= end ? new NeedMore() : new Admitted("g", end + 1));
        }
    }

    @Test
    void noChangedTokenIsTaken() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        var token = signed("g", 60);
        for (int i = 0; i < 20_000; i++) {
            var changed = token.toCharArray();
            for (int n = random.nextInt(3); n >= 0; n--) {
                changed[random.nextInt(changed.length)] = (char) (' ' + random.nextInt(95));
            }
            var text = new String(changed);
            if (!text.equals(token)) {
                assertThat(line(text + ":g\n")).as("seed %d: %s", seed, text).isEqualTo(BAD);
            }
        }
    }

    @Test
    void peersBytesAreConfidential() {
        assertThat(handshake.isConfidential()).isTrue();
        assertThat(new PrefixHandshake().create(Fakes.yaml("").endpoint("tcp")).isConfidential())
                .isFalse();
    }

    @Test
    void withoutASecretItIsAnError() {
        assertThatThrownBy(() -> make(Map.of()))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("token-secret-file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"too-short", "sixteen-bytes:and-a-colon", "sixteen-bytes-and-a\u0001"})
    void aSecretThatNoLineCanCarryIsAnErrorThatDoesNotShowIt(String secret) {
        assertThatThrownBy(() -> make(Map.of("SOCKETFORWARDER_TCP_TOKEN_SECRET", secret)))
                .isInstanceOf(SettingException.class)
                .hasMessageNotContaining(secret);
    }

    @Test
    void aWrongSecretInAFileIsTheFaultOfItsLine(@TempDir Path folder) throws IOException {
        var file = Files.writeString(folder.resolve("secrets"), SHARED + "\n\nhello\n");
        var settings = Fakes.yaml("token-secret-file: " + file).endpoint("tcp");

        assertThatThrownBy(() -> TokenPolicy.secrets(settings, "token-secret"))
                .hasMessage(
                        file + ":3: this line has 5 bytes; conf.yaml:1: token-secret-file is \"" + file
                                + "\", but must be one or several lines of 16 to 256 bytes without colons and control characters");
    }

    @Test
    void aWrongSecretInTheEnvironmentIsTheFaultOfItsVariable() {
        var settings = Fakes.merged("", Map.of("SOCKETFORWARDER_TCP_TOKEN_SECRET", "hello"))
                .endpoint("tcp");

        assertThatThrownBy(() -> TokenPolicy.secrets(settings, "token-secret"))
                .hasMessageStartingWith("environment variable SOCKETFORWARDER_TCP_TOKEN_SECRET: ");
    }
}
