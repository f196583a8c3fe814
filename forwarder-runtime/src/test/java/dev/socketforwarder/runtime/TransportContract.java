package dev.socketforwarder.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.FlowLimits;
import dev.socketforwarder.api.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every transport must do, whatever its sockets are. A transport's tests extend it, and say how to make the
 * transport and one of its members.
 */
@Timeout(60)
public abstract class TransportContract {
    /** How long a test waits for what must come. */
    public static final Duration LIMIT = Duration.ofSeconds(10);

    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Transport transport;
    private final Map<String, String> settings;
    private final GroupRegistry groups = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
    private final List<Endpoint> started = new ArrayList<>();
    private final List<ContractPeer> peers = new ArrayList<>();

    /**
     * Make the tests of one transport.
     *
     * @param settings what its endpoints need beside {@code port}, to listen on a loopback address
     */
    protected TransportContract(Transport transport, Map<String, String> settings) {
        this.transport = transport;
        this.settings = settings;
    }

    /**
     * Connect a peer, and ask to be a member.
     *
     * @param group the group to ask for, where a peer can name one; else the endpoint is its group
     */
    protected abstract ContractPeer connect(InetSocketAddress server, String group) throws IOException;

    @AfterEach
    void end() throws IOException {
        for (var peer : peers) {
            peer.close();
        }
        for (var endpoint : started) {
            endpoint.quiesce(Duration.ofSeconds(1));
            endpoint.stop(Duration.ofSeconds(1));
        }
        groups.close();
    }

    private ContractContext context(String name, int port) {
        var values = new HashMap<>(settings);
        values.put("port", Integer.toString(port));
        return new ContractContext(name, new ContractSettings(values), groups, new Counters());
    }

    private Endpoint start(ContractContext context) throws IOException {
        var endpoint = transport.open(context);
        endpoint.start();
        started.add(endpoint);
        return endpoint;
    }

    private void stop(Endpoint endpoint) {
        started.remove(endpoint);
        endpoint.quiesce(GRACE);
        assertThat(endpoint.stop(GRACE)).isEqualTo(Unsent.NONE);
    }

    private static InetSocketAddress address(Endpoint endpoint) {
        return (InetSocketAddress) endpoint.localAddresses().getFirst();
    }

    private ContractPeer member(Endpoint endpoint, ContractContext context, String group) throws IOException {
        long joined = context.counters().get(Counter.JOINED);
        var peer = connect(address(endpoint), group);
        peers.add(peer);
        await("a member more", () -> context.counters().get(Counter.JOINED) == joined + 1);
        return peer;
    }

    private static void await(String what, BooleanSupplier condition) {
        long endNs = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(endNs);
            LockSupport.parkNanos(500_000);
        }
    }

    private static void send(ContractPeer peer, String text) throws IOException {
        peer.send(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String receive(ContractPeer peer, int n) throws IOException {
        return new String(peer.receive(n), StandardCharsets.UTF_8);
    }

    @Test
    void openBindsNothingAndStartsNoThread() {
        var before = threads();

        var endpoint = transport.open(context("e", 0));

        assertThat(before).containsAll(threads());
        assertThat(endpoint.localAddresses()).isEmpty();
        assertThat(endpoint.stop(GRACE)).as("one that never started").isEqualTo(Unsent.NONE);
    }

    @Test
    void startBindsAndTellsThePortThatTheKernelChose() throws IOException {
        var endpoint = start(context("e", 0));

        assertThat(endpoint.localAddresses()).hasSize(1);
        assertThat(address(endpoint).getPort()).isPositive();
    }

    @Test
    void aPortInUseIsOneLineThatNamesIt() throws IOException {
        int port = address(start(context("holder", 0))).getPort();
        var second = transport.open(context("second", port));

        assertThatThrownBy(second::start)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("second")
                .hasMessageContaining(Integer.toString(port))
                .message()
                .doesNotContain("\n");
        assertThat(second.localAddresses()).isEmpty();
        assertThat(second.stop(GRACE)).isEqualTo(Unsent.NONE);
    }

    @Test
    void allOthersGetWhatOneSendsAndItselfDoesNot() throws IOException {
        var context = context("e", 0);
        var endpoint = start(context);
        var a = member(endpoint, context, "g");
        var b = member(endpoint, context, "g");
        var c = member(endpoint, context, "g");

        send(a, "from a");
        assertThat(receive(b, 6)).isEqualTo("from a");
        assertThat(receive(c, 6)).isEqualTo("from a");
        send(b, "from b");
        assertThat(receive(a, 6)).as("the next, not its own").isEqualTo("from b");
        assertThat(receive(c, 6)).isEqualTo("from b");
    }

    @Test
    void whatOneSendsStaysInOrderAndWhole() throws IOException {
        var context = context("e", 0);
        var endpoint = start(context);
        var sender = member(endpoint, context, "g");
        var receiver = member(endpoint, context, "g");
        int n = 0;
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 20; i++) { // no more at once than any kernel holds
                send(sender, "%08d".formatted(n + i));
            }
            for (int i = 0; i < 20; i++) {
                assertThat(receive(receiver, 8)).isEqualTo("%08d".formatted(n++));
            }
        }
    }

    @Test
    void groupsNeverHearEachOther() throws IOException {
        var one = context("one", 0);
        var two = context("two", 0);
        var first = start(one);
        var second = start(two);
        var a = member(first, one, "a");
        var b = member(first, one, "a");
        var c = member(second, two, "b");
        var d = member(second, two, "b");

        for (int i = 0; i < 50; i++) {
            send(a, "for b");
            send(c, "for d");
            assertThat(receive(b, 5)).isEqualTo("for b");
            assertThat(receive(d, 5)).isEqualTo("for d");
        }
    }

    @Test
    void whatTheKernelHeldBeforeTheStopIsDelivered() throws IOException {
        var context = context("e", 0);
        var endpoint = start(context);
        var sender = member(endpoint, context, "g");
        var receiver = member(endpoint, context, "g");
        for (int i = 0; i < 50; i++) {
            send(sender, "%08d".formatted(i));
        }
        stop(endpoint);

        for (int i = 0; i < 50; i++) {
            assertThat(receive(receiver, 8)).isEqualTo("%08d".formatted(i));
        }
    }

    @Test
    void bytesAndMembersAreCounted() throws IOException {
        var context = context("e", 0);
        var endpoint = start(context);
        var sender = member(endpoint, context, "g");
        var receivers = List.of(member(endpoint, context, "g"), member(endpoint, context, "g"));
        for (int i = 0; i < 10; i++) {
            send(sender, "0123456789");
            for (var receiver : receivers) {
                receiver.receive(10);
            }
        }

        var counters = context.counters();
        await("bytes in", () -> counters.get(Counter.BYTES_IN) == 100);
        await("bytes out", () -> counters.get(Counter.BYTES_OUT) == 200);
        assertThat(counters.get(Counter.JOINED)).isEqualTo(3);
        assertThat(counters.get(Counter.MEMBERS)).isEqualTo(3);
        assertThat(counters.get(Counter.READS)).isBetween(1L, 10L);
        assertThat(counters.get(Counter.WRITES)).isBetween(2L, 20L);
        stop(endpoint);
        assertThat(counters.get(Counter.MEMBERS)).isZero();
        assertThat(counters.get(Counter.CONNECTIONS)).isZero();
    }

    @Test
    void theSamePortServesAgainAfterAStop() throws IOException {
        int port = 0;
        for (int round = 0; round < 3; round++) {
            var context = context("e", port);
            var endpoint = start(context);
            port = address(endpoint).getPort();
            var a = member(endpoint, context, "g");
            var b = member(endpoint, context, "g");
            send(a, "hello");
            assertThat(receive(b, 5)).isEqualTo("hello");
            stop(endpoint);
            assertThat(endpoint.localAddresses()).isEmpty();
        }
    }

    @Test
    void stopLetsGoOfThreadsSocketsAndGroups() throws IOException {
        cycle(true); // what is made once for the process stays
        var threads = threads();
        long descriptors = descriptors();
        for (int i = 0; i < 3; i++) {
            cycle(i != 1); // once without quiesce, as when another endpoint cannot start
        }

        await("threads", () -> threads.containsAll(threads()));
        await("descriptors", () -> descriptors() <= descriptors);
        assertThat(groups.size()).isZero();
    }

    private void cycle(boolean quiesce) throws IOException {
        var context = context("e", 0);
        var endpoint = transport.open(context);
        endpoint.start();
        try (var a = connect(address(endpoint), "g");
                var b = connect(address(endpoint), "g")) {
            await("members", () -> context.counters().get(Counter.MEMBERS) == 2);
            send(a, "x");
            assertThat(receive(b, 1)).isEqualTo("x");
            if (quiesce) {
                endpoint.quiesce(GRACE);
            }
            endpoint.stop(GRACE);
        }
    }

    private static Set<Thread> threads() {
        return new HashSet<>(Thread.getAllStackTraces().keySet());
    }

    private static long descriptors() {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException _) {
            return 0; // not Linux
        }
    }
}
