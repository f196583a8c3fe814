package dev.socketforwarder.runtime.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Challenge;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.LogOutput;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.testing.Fakes;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests the order of policies, and policies that fail or hang. */
class HandshakeChainTest {
    private static final Peer PEER =
            new Peer("tcp", new InetSocketAddress("127.0.0.1", 1), new InetSocketAddress("127.0.0.1", 2));
    private static final Outcome ADMITTED = new Admitted("g", 2);
    private static final Outcome DECLINED = new Declined(Reason.NOT_ADMITTED);
    private static final Outcome WRONG_PREFIX = new Declined(Reason.WRONG_PREFIX);
    private static final Outcome FAILED = new Rejected(Reason.HANDSHAKE_FAILED);

    private final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 1_000); // a clock that soon overflows
    private final List<Integer> asked = new ArrayList<>();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    HandshakeChainTest() {
        Logging.start(LogFormat.TEXT, log, false);
    }

    @AfterEach
    void logAsBefore() {
        Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
    }

    private boolean isForeign;

    private HandshakeChain chain(Handshake... handshakes) {
        var links = new ArrayList<HandshakeChain.Link>();
        for (int i = 0; i < handshakes.length; i++) {
            int number = i;
            links.add(new HandshakeChain.Link(
                    "\"policy-" + i + "\" of module m",
                    (peer, bytes, arrival) -> {
                        asked.add(number);
                        return handshakes[number].consider(peer, bytes, arrival);
                    },
                    isForeign));
        }
        return new HandshakeChain(links, nowNs::get);
    }

    private static Handshake answer(Outcome outcome) {
        return (_, _, _) -> outcome;
    }

    private static Outcome ask(Handshake handshake) {
        return handshake.consider(PEER, ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), Arrival.FIRST_READ);
    }

    @Test
    void theFirstMessageMustHaveRoomForEachPolicysShortest() {
        var settings = Fakes.yaml("{ new-client-prefix: \"NEW:\", first-message: line }")
                .endpoint("tcp");
        var prefix = new HandshakeChain.Link("prefix", new PrefixHandshake().create(settings), false);
        var other = new HandshakeChain.Link("other", answer(DECLINED), false);

        assertThat(new HandshakeChain(List.of(other, prefix, other), nowNs::get).shortestMessage())
                .isEqualTo("NEW:g\n".length());
        assertThat(new HandshakeChain(List.of(other), nowNs::get).shortestMessage())
                .isZero();
    }

    @Test
    void theFirstThatDoesNotDeclineDecides() {
        for (var outcome : List.of(
                ADMITTED, new NeedMore(), new Challenge(ByteBuffer.allocate(1)), new Rejected(Reason.BAD_GROUP_ID))) {
            asked.clear();
            assertThat(ask(chain(answer(DECLINED), answer(outcome), answer(ADMITTED))))
                    .isEqualTo(outcome);
            assertThat(asked).containsExactly(0, 1);
        }
    }

    @Test
    void whereAllDeclineTheLastReasonCounts() {
        assertThat(ask(chain(answer(DECLINED), answer(WRONG_PREFIX)))).isEqualTo(new Rejected(Reason.WRONG_PREFIX));
        assertThat(ask(chain(answer(WRONG_PREFIX), answer(DECLINED)))).isEqualTo(new Rejected(Reason.NOT_ADMITTED));
        assertThat(ask(chain())).isEqualTo(new Rejected(Reason.NOT_ADMITTED));
    }

    @Test
    void eachSeesAllBytesWhateverTheOneBeforeDidWithThem() {
        var bytes =
                ByteBuffer.wrap("xhello".getBytes(StandardCharsets.US_ASCII)).position(1);
        Handshake reader = (_, buffer, _) -> {
            assertThat(buffer.remaining()).isEqualTo(5);
            assertThat(buffer.get()).isEqualTo((byte) 'h');
            buffer.limit(3);
            return DECLINED;
        };

        chain(reader, reader).consider(PEER, bytes, Arrival.FIRST_READ);

        assertThat(asked).containsExactly(0, 1);
        assertThat(bytes.position()).isEqualTo(1);
        assertThat(bytes.limit()).isEqualTo(6);
    }

    @Test
    void whatAPolicyThrowsCostsThisPeerAlone() {
        var chain = chain(
                (_, _, _) -> {
                    throw new IllegalStateException("broken\npolicy");
                },
                answer(ADMITTED));

        assertThat(ask(chain)).isEqualTo(FAILED);
        assertThat(asked).containsExactly(0);
        assertThat(log.toString(StandardCharsets.UTF_8))
                .contains("Handshake policy \"policy-0\" of module m failed; its peers are refused")
                .contains("    java.lang.IllegalStateException: broken");
    }

    @Test
    void aMissingClassIsNoEndOfTheLoop() {
        assertThat(ask(chain((_, _, _) -> {
                    throw new NoClassDefFoundError("x");
                })))
                .isEqualTo(FAILED);
        assertThatThrownBy(() -> ask(chain((_, _, _) -> {
                    throw new OutOfMemoryError("x");
                })))
                .isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void anImpossibleOutcomeIsAFailure() {
        assertThat(ask(chain(answer(null)))).isEqualTo(FAILED);
        assertThat(ask(chain(answer(new Admitted("g", 5))))).isEqualTo(FAILED);
        assertThat(ask(chain(answer(new Admitted("g", -1))))).isEqualTo(FAILED);
        assertThat(ask(chain(answer(new Admitted(null, 1))))).isEqualTo(FAILED);
    }

    @Test
    void aPolicyThatFailsForEveryPeerIsTracedOnceAMinute() {
        var chain = chain(answer(null));
        for (int i = 0; i < 1_000; i++) {
            ask(chain);
        }
        assertThat(traces()).isEqualTo(1);

        nowNs.addAndGet(Duration.ofSeconds(61).toNanos());
        ask(chain);
        ask(chain);

        assertThat(traces()).isEqualTo(2);
    }

    private long traces() {
        return log.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("WARN"))
                .count();
    }

    @Test
    void anOutcomeWithoutWhatBelongsToItCostsThatPeer() {
        var halves = List.of(
                new Declined(null),
                new Rejected(null),
                new Rejected(Reason.NOT_ADMITTED, null),
                new Challenge(null),
                new Admitted(null, 0));
        for (var half : halves) {
            assertThat(chain((_, _, _) -> half).consider(PEER, ByteBuffer.allocate(0), Arrival.NONE))
                    .isEqualTo(FAILED);
        }
    }
}
