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
import dev.socketforwarder.runtime.testing.Fakes;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the first messages that the policy {@code prefix} admits and refuses. */
class PrefixHandshakeTest {
    private static final String PREFIX = "SOCKETFORWARDER-NEW:";
    private static final Peer PEER =
            new Peer("tcp", new InetSocketAddress("127.0.0.1", 1), new InetSocketAddress("127.0.0.1", 2));
    private static final Outcome BAD_ID = new Rejected(Reason.BAD_GROUP_ID);
    private static final Outcome WRONG_PREFIX = new Declined(Reason.WRONG_PREFIX);

    private final Handshake auto = make("");
    private final Handshake line = make("first-message: line");

    private static Handshake make(String yaml) {
        return new PrefixHandshake().create(Fakes.yaml(yaml).endpoint("tcp"));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Ask with a read-only buffer that does not start at 0, as a transport may pass it. */
    private static Outcome consider(Handshake handshake, byte[] bytes, Arrival arrival) {
        var buffer = ByteBuffer.allocateDirect(bytes.length + 7);
        buffer.position(3).put(bytes).position(3).limit(3 + bytes.length);
        var outcome = handshake.consider(PEER, buffer.asReadOnlyBuffer(), arrival);
        return outcome instanceof Declined(var reason, var _) ? new Declined(reason) : outcome;
    }

    @Test
    void aWrongPrefixTellsWhatIsExpected() {
        var message = ByteBuffer.wrap(utf8("GET / HTTP/1.1\r\n"));

        assertThat(auto.consider(PEER, message, Arrival.FIRST_READ))
                .isEqualTo(
                        new Declined(Reason.WRONG_PREFIX, "expected \"SOCKETFORWARDER-NEW:<group>\" and a line feed"));
        assertThat(auto.consider(PEER, message, Arrival.DATAGRAM))
                .isEqualTo(new Declined(Reason.WRONG_PREFIX, "expected \"SOCKETFORWARDER-NEW:<port>\""));
    }

    private static Outcome consider(Handshake handshake, String text, Arrival arrival) {
        return consider(handshake, utf8(text), arrival);
    }

    /** Ask as a transport does, with all bytes so far after each read. */
    private static Outcome inReads(Handshake handshake, byte[] bytes, int... ends) {
        var outcome = consider(handshake, new byte[0], Arrival.NONE);
        assertThat(outcome).isInstanceOf(NeedMore.class);
        for (int i = 0; i < ends.length; i++) {
            var soFar = new ByteArrayOutputStream();
            soFar.write(bytes, 0, ends[i]);
            outcome = consider(handshake, soFar.toByteArray(), i == 0 ? Arrival.FIRST_READ : Arrival.MORE);
            if (!(outcome instanceof NeedMore)) {
                return outcome;
            }
        }
        return outcome;
    }

    @Test
    void oneByteAtATimeIsTheSameInEitherMode() {
        var bytes = utf8(PREFIX + "group\n");
        var ends = new int[bytes.length];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = i + 1;
        }

        assertThat(inReads(auto, bytes, ends)).isEqualTo(new Admitted("group", bytes.length));
        assertThat(inReads(line, bytes, ends)).isEqualTo(new Admitted("group", bytes.length));
    }

    @Test
    void aFirstReadThatEndsWithinThePrefixAwaitsTheLineFeed() {
        var bytes = utf8(PREFIX + "group\nrest");
        for (int end = 1; end <= PREFIX.length(); end++) {
            assertThat(inReads(auto, bytes, end, PREFIX.length() + 3))
                    .as("first read of " + end)
                    .isInstanceOf(NeedMore.class);
            assertThat(inReads(auto, bytes, end, bytes.length)).isEqualTo(new Admitted("group", PREFIX.length() + 6));
        }
    }

    @Test
    void withoutALineFeedTheIdIsTheRestOfTheFirstRead() {
        assertThat(consider(auto, PREFIX + "group", Arrival.FIRST_READ)).isEqualTo(new Admitted("group", 25));
        assertThat(consider(auto, PREFIX + "g", Arrival.FIRST_READ)).isEqualTo(new Admitted("g", 21));
        assertThat(consider(auto, PREFIX, Arrival.FIRST_READ)).isInstanceOf(NeedMore.class);
        assertThat(consider(auto, PREFIX + "group", Arrival.MORE)).isInstanceOf(NeedMore.class);
        assertThat(consider(line, PREFIX + "group", Arrival.FIRST_READ)).isInstanceOf(NeedMore.class);
    }

    @Test
    void aReadThatEndsBetweenReturnAndLineFeedIsNotComplete() {
        var bytes = utf8(PREFIX + "group\r\n");

        assertThat(consider(auto, PREFIX + "group\r", Arrival.FIRST_READ)).isInstanceOf(NeedMore.class);
        assertThat(consider(auto, PREFIX + "\r", Arrival.FIRST_READ)).isInstanceOf(NeedMore.class);
        assertThat(inReads(auto, bytes, bytes.length - 1, bytes.length)).isEqualTo(new Admitted("group", 27));
    }

    @Test
    void aReadThatEndsInsideACharacterIsNotComplete() {
        var bytes = utf8(PREFIX + "gr€\n");
        for (int end = bytes.length - 3; end < bytes.length - 1; end++) {
            assertThat(inReads(auto, bytes, end, bytes.length)).isEqualTo(new Admitted("gr€", bytes.length));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "X, FIRST_READ",
        "SX, FIRST_READ",
        "SOCKETFORWARDER-NEW;, FIRST_READ",
        "GET / HTTP/1.1, MORE",
        "socketforwarder-new:g, FIRST_READ",
        "SOCKETFORWARDER-NEW;1, DATAGRAM",
        "S, DATAGRAM",
        "'', DATAGRAM"
    })
    void anotherPrefixIsDeclinedWithTheFirstByteThatDiffers(String text, Arrival arrival) {
        assertThat(consider(auto, text, arrival)).isEqualTo(WRONG_PREFIX);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\ndata"})
    void anEmptyIdIsRejectedOnAStream(String rest) {
        assertThat(consider(auto, PREFIX + rest, Arrival.FIRST_READ)).isEqualTo(BAD_ID);
        assertThat(consider(line, PREFIX + rest, Arrival.MORE)).isEqualTo(BAD_ID);
    }

    @ParameterizedTest
    @CsvSource({"c328", "ff", "c0af", "eda080", "f5808080", "c3"})
    void whatIsNotUtf8IsRejected(String hex) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(utf8(PREFIX + "a"));
        bytes.writeBytes(HexFormat.of().parseHex(hex));
        var datagram = bytes.toByteArray();
        bytes.write('\n');

        assertThat(consider(auto, bytes.toByteArray(), Arrival.FIRST_READ)).isEqualTo(BAD_ID);
        assertThat(consider(auto, bytes.toByteArray(), Arrival.DATAGRAM)).isEqualTo(BAD_ID);
        assertThat(consider(auto, datagram, Arrival.DATAGRAM)).isEqualTo(BAD_ID);
    }

    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "'\n', ''",
        "'\r\n', ''",
        "1234, 1234",
        "'1234\n', 1234",
        "'1234\r\n', 1234",
        "'12\n34', '12\n34'",
        "'1234\n\n', '1234\n'",
        "'1234\r', '1234\r'",
        "' 1', ' 1'"
    })
    void aDatagramIsWhole(String rest, String argument) {
        assertThat(consider(line, PREFIX + rest, Arrival.DATAGRAM))
                .isEqualTo(new Admitted(argument, PREFIX.length() + rest.length()));
    }

    @Test
    void thePrefixIsConfigured() {
        var handshake = make("new-client-prefix: \"JÖIN \"");

        assertThat(consider(handshake, "JÖIN g\n", Arrival.FIRST_READ)).isEqualTo(new Admitted("g", 8));
        assertThat(consider(handshake, PREFIX + "g\n", Arrival.FIRST_READ)).isEqualTo(WRONG_PREFIX);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\\n", "\\t"})
    void aPrefixMustBeThereAndVisible(String prefix) {
        assertThatThrownBy(() -> make("new-client-prefix: \"" + prefix + "\""))
                .hasMessageStartingWith(
                        "conf.yaml:1: new-client-prefix is \"" + prefix + "\", but must be 1 to 256 bytes");
    }

    @Test
    void aPrefixHasABound() {
        assertThatThrownBy(() -> make("new-client-prefix: " + "é".repeat(129))).hasMessageContaining("1 to 256 bytes");
    }

    @Test
    void theModeIsOneOfTwo() {
        assertThatThrownBy(() -> make("first-message: both"))
                .hasMessage("conf.yaml:1: first-message is \"both\", but must be auto or line");
    }
}
