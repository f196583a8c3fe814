package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.HandshakePolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests what the API promises of every handshake policy. A test class of the plugin extends this class, and says how to make the
 * policy, which settings the policy needs, and how it must decide about a few first messages. A failure quotes the broken {@link
 * Promise}.
 */
@Timeout(120)
public abstract class HandshakeContract {
    private static final int ROUNDS = 2_000;

    private final List<Example> examples = new ArrayList<>();
    private Handshake handshake;

    /** For subclasses. */
    protected HandshakeContract() {}

    /**
     * {@return the policy to test}
     */
    protected abstract HandshakePolicy policy();

    /**
     * {@return the settings that the policy needs}
     */
    protected Map<String, ?> settings() {
        return Map.of();
    }

    /**
     * {@return first messages with their expected decisions; at least one must be admitted, and at least one must not}
     */
    protected abstract List<Example> examples();

    @BeforeEach
    void prepare() throws IOException {
        handshake = policy().create(new MapSettings(settings()));
        handshake.prepare();
        examples.addAll(examples());
    }

    private Outcome consider(Example example, ByteBuffer bytes, Arrival arrival) {
        Outcome outcome;
        try {
            outcome = handshake.consider(example.peer(), bytes, arrival);
        } catch (RuntimeException | StackOverflowError e) {
            throw Promise.HANDSHAKE_ANSWERS.broken(
                    "for " + shown(bytes) + " (" + arrival + ") the handshake threw " + e, e);
        }
        if (outcome == null) {
            throw Promise.HANDSHAKE_ANSWERS.broken(
                    "for " + shown(bytes) + " (" + arrival + ") the handshake returned null");
        }
        if (outcome instanceof Admitted(var argument, int consumed)) {
            if (argument == null || consumed < 0 || consumed > bytes.remaining()) {
                throw Promise.REST_IS_DATA.broken("of " + bytes.remaining() + " bytes the handshake consumed "
                        + consumed + ", for the argument " + argument);
            }
            boolean isStream = arrival == Arrival.FIRST_READ || arrival == Arrival.MORE;
            if (isStream && bytes.remaining() < handshake.shortestMessage()) {
                throw Promise.SHORTEST_MESSAGE.broken(
                        "the handshake says " + handshake.shortestMessage() + " and admits " + shown(bytes));
            }
        }
        if (outcome instanceof NeedMore && arrival == Arrival.DATAGRAM) {
            throw Promise.DATAGRAM_IS_WHOLE.broken("for " + shown(bytes) + " the handshake asked for more bytes");
        }
        return outcome;
    }

    private Outcome whole(Example example) {
        return consider(example, ByteBuffer.wrap(example.message()).asReadOnlyBuffer(), example.arrival());
    }

    private static String shown(ByteBuffer bytes) {
        return '"' + StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString() + '"';
    }

    @Test
    void aNameIsAWord() {
        var name = policy().name();
        if (name == null || !name.matches("[a-z0-9]+(-[a-z0-9]+)*")) {
            throw Promise.POLICY_NAMED.broken("the policy's name is \"" + name + "\"");
        }
    }

    @Test
    void creatingStartsNoThreadAndReadsAllSettings() {
        var threads = ContractRun.threads();
        long descriptors = ContractRun.descriptors();
        var settings = new MapSettings(settings());

        policy().create(settings);

        var more = ContractRun.threads();
        more.removeAll(threads);
        if (!more.isEmpty() || ContractRun.descriptors() > descriptors) {
            throw Promise.CREATE_IS_CHEAP.broken("create() left new threads, " + more + ", or new descriptors");
        }
        if (!settings.unread().isEmpty()) {
            throw Promise.SETTINGS_READ.broken("create() did not read " + settings.unread());
        }
    }

    @Test
    void examplesAreDecidedAsTold() {
        for (var example : examples) {
            var outcome = whole(example);
            if (!example.isMetBy(outcome)) {
                throw new AssertionError("the example " + example + " was decided otherwise: " + outcome);
            }
        }
        if (examples.stream().noneMatch(one -> one.admits() && whole(one) instanceof Admitted)
                || examples.stream().allMatch(Example::admits)) {
            throw new AssertionError("examples() must contain an example that is admitted, and one that is not");
        }
    }

    @Test
    void bytesStandWhereTheBufferSaysSo() {
        for (var example : examples) {
            var around = ByteBuffer.allocateDirect(example.message().length + 20);
            around.put(9, example.message());
            around.position(9).limit(9 + example.message().length);

            var outcome = consider(example, around.asReadOnlyBuffer(), example.arrival());

            if (!example.isMetBy(outcome)) {
                throw Promise.BYTES_OF_THE_PEER.broken("when the message begins at position 9 of its buffer, " + example
                        + " is decided as " + outcome);
            }
        }
    }

    @Test
    void aMessageMayComeInAnyPieces() {
        for (var example : examples) {
            if (!example.admits() || example.arrival() != Arrival.FIRST_READ) {
                continue;
            }
            var all = example.message();
            Outcome outcome = consider(example, ByteBuffer.allocate(0).asReadOnlyBuffer(), Arrival.NONE);
            for (int n = 1; n <= all.length && !(outcome instanceof Admitted); n++) {
                var far = ByteBuffer.wrap(Arrays.copyOf(all, n)).asReadOnlyBuffer();
                outcome = consider(example, far, Arrival.MORE);
            }
            if (!example.isMetBy(outcome)) {
                throw Promise.NO_STATE.broken(
                        "when the bytes arrive one by one, " + example + " is decided as " + outcome);
            }
        }
    }

    @Test
    void noPeerKnowsOfAnother() throws Exception {
        try (var threads = Executors.newFixedThreadPool(4)) {
            var all = new ArrayList<CompletableFuture<Void>>();
            for (int i = 0; i < 4; i++) {
                all.add(CompletableFuture.runAsync(this::decideInAnyOrder, threads));
            }
            for (var one : all) {
                try {
                    one.get(1, TimeUnit.MINUTES);
                } catch (ExecutionException e) {
                    throw e.getCause() instanceof AssertionError error
                            ? error
                            : Promise.NO_STATE.broken("the handshake threw", e);
                }
            }
        }
    }

    private void decideInAnyOrder() {
        for (int i = 0; i < ROUNDS; i++) {
            var example = examples.get(ThreadLocalRandom.current().nextInt(examples.size()));
            var part = Arrays.copyOf(example.message(), example.message().length / 2);
            if (example.arrival() != Arrival.DATAGRAM) {
                consider(example, ByteBuffer.wrap(part).asReadOnlyBuffer(), Arrival.FIRST_READ);
            }
            var outcome = whole(example);
            if (!example.isMetBy(outcome)) {
                throw Promise.NO_STATE.broken(
                        "while other peers are considered, " + example + " is decided as " + outcome);
            }
        }
    }

    @Test
    void itAnswersWhateverTheBytesAre() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        try {
            for (int i = 0; i < ROUNDS; i++) {
                var example = examples.get(random.nextInt(examples.size()));
                var bytes = mutated(example.message(), random);
                for (var arrival : List.of(Arrival.FIRST_READ, Arrival.MORE, Arrival.DATAGRAM)) {
                    consider(example, ByteBuffer.wrap(bytes).asReadOnlyBuffer(), arrival);
                }
            }
        } catch (AssertionError e) {
            e.addSuppressed(new AssertionError("seed " + seed));
            throw e;
        }
    }

    private static byte[] mutated(byte[] message, Random random) {
        var bytes = Arrays.copyOf(message, random.nextInt(2 * message.length + 2));
        for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }
}
