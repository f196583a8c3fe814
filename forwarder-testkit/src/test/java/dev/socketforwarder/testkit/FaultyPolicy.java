package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;

/** A policy for the first message {@code JOIN group} that keeps all promises except one. */
final class FaultyPolicy implements HandshakePolicy {

    enum Wrong implements Mutant {
        NOTHING("", null),
        HAS_NO_WORD_AS_ITS_NAME("aNameIsAWord", Promise.POLICY_NAMED),
        STARTS_A_THREAD("creatingStartsNoThreadAndReadsAllSettings", Promise.CREATE_IS_CHEAP),
        LEAVES_A_SETTING_UNREAD("creatingStartsNoThreadAndReadsAllSettings", Promise.SETTINGS_READ),
        REMEMBERS("noPeerKnowsOfAnother", Promise.NO_STATE),
        LOOKS_AT_ZERO("bytesStandWhereTheBufferSaysSo", Promise.BYTES_OF_THE_PEER),
        THROWS("itAnswersWhateverTheBytesAre", Promise.HANDSHAKE_ANSWERS),
        USES_TOO_MUCH("examplesAreDecidedAsTold", Promise.REST_IS_DATA),
        AWAITS_DATAGRAMS("itAnswersWhateverTheBytesAre", Promise.DATAGRAM_IS_WHOLE),
        SAYS_TOO_LONG("examplesAreDecidedAsTold", Promise.SHORTEST_MESSAGE);

        private final Finding finding;

        Wrong(String test, Promise promise) {
            this.finding = new Finding(PolicySubject.class, test, promise);
        }

        @Override
        public Finding finding() {
            return finding;
        }
    }

    private final Wrong wrong;

    FaultyPolicy(Wrong wrong) {
        this.wrong = wrong;
    }

    @Override
    public String name() {
        return wrong == Wrong.HAS_NO_WORD_AS_ITS_NAME ? "My Policy" : "join";
    }

    @Override
    public Handshake create(Settings settings) {
        if (wrong != Wrong.LEAVES_A_SETTING_UNREAD) {
            settings.text("word", "");
        }
        if (wrong == Wrong.STARTS_A_THREAD) {
            var never = new CountDownLatch(1);
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    never.await();
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        return new Reader(wrong);
    }

    private static final class Reader implements Handshake {
        private final Wrong wrong;
        private final Handshake right = new ScriptedHandshake();
        private volatile int asked;

        Reader(Wrong wrong) {
            this.wrong = wrong;
        }

        @Override
        public int shortestMessage() {
            return wrong == Wrong.SAYS_TOO_LONG ? 100 : 7;
        }

        @Override
        public Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival) {
            asked = asked + 1;
            return switch (wrong) {
                case REMEMBERS ->
                    asked > 1_000 ? new Rejected(Reason.NOT_ADMITTED) : right.consider(peer, bytes, arrival);
                case LOOKS_AT_ZERO -> right.consider(peer, bytes.duplicate().position(0), arrival);
                case THROWS -> {
                    if (bytes.get(bytes.position()) < 0) {
                        throw new IllegalArgumentException("not ASCII");
                    }
                    yield right.consider(peer, bytes, arrival);
                }
                case USES_TOO_MUCH ->
                    right.consider(peer, bytes, arrival) instanceof Admitted(var group, int consumed)
                            ? new Admitted(group, consumed + 100)
                            : new Rejected(Reason.NOT_ADMITTED);
                case AWAITS_DATAGRAMS -> bytes.remaining() < 3 ? new NeedMore() : right.consider(peer, bytes, arrival);
                default -> right.consider(peer, bytes, arrival);
            };
        }
    }
}
