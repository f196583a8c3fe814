package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One run of a test of a contract: starts the endpoints and clients of the test, and ends them. */
final class ContractRun {
    static final Duration GRACE = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofSeconds(1);

    /** A started endpoint. */
    record Running(ScriptedContext context, Endpoint endpoint) {
        SocketAddress address() {
            var addresses = endpoint.localAddresses();
            if (addresses.isEmpty()) {
                throw Promise.ADDRESSES.broken("one that has started has none");
            }
            return addresses.getFirst();
        }

        long count(Counter counter) {
            return context.counters().get(counter);
        }
    }

    /** A peer that has joined, as itself and as its membership. */
    record Joined<C extends ContractClient>(C client, ScriptedMembership membership) {}

    /** How a client comes to its endpoint. */
    @FunctionalInterface
    interface Connect<C extends ContractClient> {
        C to(SocketAddress address, String group) throws IOException;
    }

    private final TransportContract contract;
    private final BoundedWait waiting;
    private final ScriptedGroups groups = new ScriptedGroups();
    private final List<Running> running = new ArrayList<>();
    private final List<ContractClient> clients = new ArrayList<>();

    ContractRun(TransportContract contract) {
        this.contract = contract;
        this.waiting = new BoundedWait(contract.patience(), groups::verify);
        groups.waiting(waiting);
    }

    BoundedWait waiting() {
        return waiting;
    }

    ScriptedGroups groups() {
        return groups;
    }

    ScriptedContext context(String name, Map<String, ?> settings) {
        return new ScriptedContext(name, settings, groups);
    }

    Running start() throws IOException {
        return start("endpoint");
    }

    Running start(String name) throws IOException {
        return start(context(name, contract.settings()));
    }

    Running start(ScriptedContext context) throws IOException {
        var made = new Running(context, contract.transport().open(context));
        running.add(made);
        context.begin();
        made.endpoint().start();
        return made;
    }

    <C extends ContractClient> C remember(C client) {
        clients.add(client);
        return client;
    }

    /** {@return a client that is a member} */
    <C extends ContractClient> Joined<C> join(Running server, String group, Connect<C> connect) throws IOException {
        int before = groups.joined().size();
        long counted = server.count(Counter.JOINED);
        var client = remember(connect.to(server.address(), group));
        // One member may stand for all peers of an endpoint, as where they have no connections.
        waiting.await(
                Promise.START_BINDS,
                "a peer that asked to join is no member",
                () -> groups.joined().size() > before || server.count(Counter.JOINED) > counted);
        waiting.await(
                Promise.COUNTED,
                "a peer that has joined is not counted",
                () -> server.count(Counter.JOINED) == counted + 1);
        return new Joined<>(client, groups.joined().getLast());
    }

    /** Quiesce and stop an endpoint in good order. */
    Endpoint.Unsent stop(Running one) {
        one.endpoint().quiesce(GRACE);
        return stop(one, GRACE);
    }

    /** Stop one that is asked for no more. */
    Endpoint.Unsent stop(Running one, Duration limit) {
        running.remove(one);
        try (var _ = one.context()) {
            return one.endpoint().stop(limit);
        }
    }

    /** End all, and say what was broken on the way. */
    void end() throws IOException {
        for (var client : clients) {
            client.close();
        }
        for (var one : List.copyOf(running)) {
            one.endpoint().quiesce(SHORT);
            stop(one, SHORT);
        }
        groups.verify();
    }

    static Set<Thread> threads() {
        return new HashSet<>(Thread.getAllStackTraces().keySet());
    }

    /** {@return how many descriptors the process has; 0 where nobody can tell} */
    static long descriptors() {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException _) {
            return 0;
        }
    }
}
