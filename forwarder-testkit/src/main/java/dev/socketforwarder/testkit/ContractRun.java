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

/** Runs one test of a contract: starts the endpoints and clients that the test needs, and ends all of them. */
final class ContractRun {
    static final Duration GRACE = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofSeconds(1);

    /** An endpoint that has started. */
    record Running(ScriptedContext context, Endpoint endpoint) {
        SocketAddress address() {
            var addresses = endpoint.localAddresses();
            if (addresses.isEmpty()) {
                throw Promise.ADDRESSES.broken("an endpoint that has started reports no address");
            }
            return addresses.getFirst();
        }

        long count(Counter counter) {
            return context.counters().get(counter);
        }
    }

    /** A peer that has joined: its client, and its membership. */
    record Joined<C extends ContractClient>(C client, ScriptedMembership membership) {}

    /** Connects a client to an endpoint. */
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

    /** {@return a client that has become a member} */
    <C extends ContractClient> Joined<C> join(Running server, String group, Connect<C> connect) throws IOException {
        int before = groups.joined().size();
        long counted = server.count(Counter.JOINED);
        var client = remember(connect.to(server.address(), group));
        // A transport without connections may have one member for all peers of an endpoint, so that only the counter
        // rises.
        waiting.await(
                Promise.START_BINDS,
                "a peer that asked to join did not become a member",
                () -> groups.joined().size() > before || server.count(Counter.JOINED) > counted);
        waiting.await(
                Promise.COUNTED,
                "the counter of joins did not rise by 1 when a peer joined",
                () -> server.count(Counter.JOINED) == counted + 1);
        return new Joined<>(client, groups.joined().getLast());
    }

    /** Quiesce an endpoint, and then stop it. */
    Endpoint.Unsent stop(Running one) {
        one.endpoint().quiesce(GRACE);
        return stop(one, GRACE);
    }

    /** Stop an endpoint without quiescing it. */
    Endpoint.Unsent stop(Running one, Duration limit) {
        running.remove(one);
        try (var _ = one.context()) {
            return one.endpoint().stop(limit);
        }
    }

    /** Close all clients, stop all endpoints, and report the broken promises that were recorded during the test. */
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

    /** {@return how many descriptors the process has open; 0 if the system does not tell} */
    static long descriptors() {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        } catch (IOException _) {
            return 0;
        }
    }
}
