package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.api.kit.Lookups.Following;
import dev.socketforwarder.transport.udp.Part.Common;
import dev.socketforwarder.transport.udp.admission.Cookies;
import dev.socketforwarder.transport.udp.io.Link;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.members.InterfaceWatch;
import dev.socketforwarder.transport.udp.members.ListeningAddresses;
import dev.socketforwarder.transport.udp.members.ListeningAddresses.Listening;
import dev.socketforwarder.transport.udp.members.Registry;
import dev.socketforwarder.transport.udp.members.StrangerRates;
import dev.socketforwarder.transport.udp.preconfigured.PreconfiguredMembers;
import dev.socketforwarder.transport.udp.preconfigured.PreconfiguredNames;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * An endpoint with one group of datagram members, on one or several addresses, served by one thread for each of its
 * {@code sockets}.
 */
final class UdpEndpoint implements Endpoint {
    private static final Logger LOG = System.getLogger(UdpEndpoint.class.getName());
    // How much longer than its limit a turn may take to end by itself.
    static final Duration MARGIN = Duration.ofMillis(300);
    // How long a start waits for names; answers that come later take effect when they come.
    private static final Duration PATIENCE = Duration.ofMillis(500);
    // How long threads may take to adopt settings; two such waits and names fit into what the runtime grants.
    private static final Duration LONGEST_ADOPTION = Duration.ofSeconds(4);

    private final TransportContext context;
    private final ListeningAddresses allListening;
    private final Machine machine;
    private final KeptRegistrations kept;

    private Rules rules;
    private volatile Optional<Running> running = Optional.empty();

    /** The objects that exist while the endpoint runs. */
    private record Running(
            List<Part> parts,
            Registry registry,
            PreconfiguredMembers members,
            Listening listening,
            Optional<Following> names,
            Optional<InterfaceWatch> interfaces,
            Optional<Succession> succession) {
        Part first() {
            return parts.getFirst();
        }

        List<InetSocketAddress> bound() {
            return first().sockets().localAddresses();
        }

        Running with(Optional<Following> other) {
            return new Running(parts, registry, members, listening, other, interfaces, succession);
        }
    }

    UdpEndpoint(Rules rules, TransportContext context, ListeningAddresses allListening, Machine machine) {
        this.rules = rules;
        this.context = context;
        this.allListening = allListening;
        this.machine = machine;
        this.kept = new KeptRegistrations(context, rules.settings(), rules.filter(), InstantSource.system());
    }

    @Override
    public void start() throws IOException {
        var settings = rules.settings();
        var names = names(settings);
        var tallies = Stream.generate(() -> new Tally(context))
                .limit(settings.sockets())
                .toList();
        var sockets = IoChoice.open(context, settings, machine.ownAddresses(), tallies);
        var clock = machine.nanoClock();
        var registry = new Registry(settings.members(), clock.getAsLong());
        var common = new Common(registry, new StrangerRates(), new Cookies(clock), allListening, clock);
        var parts = IntStream.range(0, sockets.size())
                .mapToObj(i -> new Part(i, context, common, rules, sockets.get(i), tallies.get(i)))
                .toList();
        var places = parts.stream().map(Part::place).toList();
        var members = new PreconfiguredMembers(
                context.name(), names, settings.multicast().members(), places);
        var bound = sockets.getFirst().localAddresses();
        var first = parts.getFirst();
        first.sockets().follow(interfacesFor(first));
        var listening = new Listening(listeningAt(bound), () -> first.tasks().execute(first.registrations()::recheck));
        var left = kept.take();
        var started = parts.stream()
                .map(part -> part.begin(members, place -> kept.restore(left, place, places)))
                .toArray(CompletableFuture<?>[]::new);
        running = Optional.of(new Running(
                parts,
                registry,
                members,
                listening,
                watch(names, members, first),
                watchInterfaces(first, members),
                succession(parts)));
        allListening.add(listening);
        warn(names, first);
        var begun = CompletableFuture.allOf(started);
        // Each socket takes over some senders of the sockets that were bound earlier. The datagrams of the earlier
        // sockets
        // are forwarded first, so that each sender's datagrams stay in order.
        var earlier = begun;
        for (var part : parts) {
            earlier = part.receiveAfter(earlier);
        }
        // The first tasks of each thread run before its first datagram.
        parts.forEach(it -> it.thread().start());
        awaitStart(begun);
    }

    private void warn(PreconfiguredNames names, Part first) {
        var settings = rules.settings();
        StartWarnings.ofChannels(context.name(), settings, first.sockets());
        StartWarnings.ofStrangers(context.name(), settings, first.sockets().localAddresses());
        StartWarnings.ofUnknown(context.name(), names);
    }

    private PreconfiguredNames names(UdpSettings settings) {
        var found = machine.resolver().find(hosts(settings), PATIENCE);
        return PreconfiguredNames.of(context.name(), settings.preconfigured(), found);
    }

    private static List<String> hosts(UdpSettings settings) {
        return settings.preconfigured().stream().map(HostPort::host).toList();
    }

    private Optional<Following> watch(PreconfiguredNames names, PreconfiguredMembers members, Part first) {
        return names.haveNames()
                ? Optional.of(machine.resolver()
                        .follow(
                                hosts(rules.settings()),
                                machine.lookUpInterval(),
                                (host, found) -> first.tasks().execute(() -> members.found(host, found))))
                : Optional.empty();
    }

    private Optional<InterfaceWatch> watchInterfaces(Part first, PreconfiguredMembers members) {
        return first.sockets().needsInterfaces()
                ? Optional.of(new InterfaceWatch(context.name(), machine.interfaces(), first.tasks(), members::follow)
                        .start())
                : Optional.empty();
    }

    private Optional<Succession> succession(List<Part> parts) {
        return rules.settings().reusePort()
                ? Optional.of(new Succession(context.name(), kept, parts))
                : Optional.empty();
    }

    private List<Link> interfacesFor(Part part) {
        try {
            return !part.sockets().needsInterfaces()
                    ? List.of()
                    : machine.interfaces().links();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Cannot list the network interfaces", e);
            return List.of(); // the interfaces may become visible later
        }
    }

    /** {@return {@code bound} and the multicast groups, which are received at the same port} */
    private List<InetSocketAddress> listeningAt(List<InetSocketAddress> bound) {
        int port = bound.getFirst().getPort();
        var groups = rules.settings().multicast().groups().stream().map(group -> new InetSocketAddress(group, port));
        return Stream.concat(bound.stream(), groups).toList();
    }

    private void awaitStart(CompletableFuture<Void> started) throws IOException {
        try {
            started.get();
        } catch (ExecutionException e) {
            stop(Duration.ZERO);
            if (e.getCause() instanceof IOException expected) {
                throw expected;
            }
            throw new IllegalStateException("starting endpoint " + context.name() + " failed", e.getCause());
        } catch (InterruptedException e) {
            stop(Duration.ZERO);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting endpoint " + context.name(), e);
        }
    }

    @Override
    public boolean adopt(Endpoint fresh) {
        return running.isPresent() && adopt(((UdpEndpoint) fresh).rules, running.get());
    }

    private boolean adopt(Rules changed, Running now) {
        var settings = changed.settings();
        if (!settings.hasSocketsOf(rules.settings())
                || !now.parts().stream().allMatch(part -> part.thread().isAlive())) {
            return false;
        }
        var names = names(settings);
        if (!now.members()
                .canBecome(names, settings.multicast(), settings.members().maxRegistrations())) {
            return false;
        }
        boolean haveOtherNames = !hosts(settings).equals(hosts(rules.settings()));
        rules = changed;
        now.registry().adopt(settings.members());
        awaitAdoption(now.parts().stream().map(part -> part.adopt(changed)));
        var links = interfacesFor(now.first());
        awaitAdoption(Stream.of(CompletableFuture.runAsync(
                () -> now.members().become(names, settings.multicast(), links),
                now.first().tasks())));
        if (haveOtherNames) {
            now.names().ifPresent(Following::close);
            running = Optional.of(now.with(watch(names, now.members(), now.first())));
        }
        warn(names, now.first());
        return true;
    }

    private void awaitAdoption(Stream<CompletableFuture<Void>> parts) {
        try {
            CompletableFuture.allOf(parts.toArray(CompletableFuture<?>[]::new))
                    .get(LONGEST_ADOPTION.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IllegalStateException("a thread of " + context.name() + " did not take over its settings", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + context.name() + " took over its settings", e);
        }
    }

    @Override
    public List<SocketAddress> localAddresses() {
        return running.map(it -> configured(it.bound())).orElse(List.of());
    }

    /** {@return {@code bound} without addresses that a wildcard covers} */
    private static List<SocketAddress> configured(List<InetSocketAddress> bound) {
        boolean wildcard =
                bound.stream().anyMatch(address -> address.getAddress().isAnyLocalAddress());
        return bound.stream()
                .filter(address -> !wildcard || address.getAddress().isAnyLocalAddress())
                .<SocketAddress>map(address -> address)
                .toList();
    }

    @Override
    public void quiesce(Duration limit) {
        running.ifPresent(it -> {
            var quiet = CompletableFuture.allOf(it.parts().stream()
                    .filter(part -> part.thread().isAlive())
                    .map(part -> part.quiesce(limit))
                    .toArray(CompletableFuture<?>[]::new));
            try {
                quiet.get(limit.plus(MARGIN).toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException | ExecutionException e) {
                LOG.log(Level.WARNING, "Endpoint " + context.name() + " did not finish reading in time", e);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public Unsent stop(Duration limit) {
        running.ifPresent(it -> {
            it.succession().ifPresent(Succession::close);
            kept.save(it.first().registrations().saved(machine.nanoClock().getAsLong()));
            it.names().ifPresent(Following::close);
            it.interfaces().ifPresent(InterfaceWatch::close);
            it.parts().forEach(Part::end);
            long deadlineNs = System.nanoTime() + limit.plus(MARGIN).toNanos();
            try {
                for (var part : it.parts()) {
                    // This also asks threads that have ended.
                    if (!part.thread().join(Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime())))) {
                        LOG.log(
                                Level.WARNING,
                                "Thread {0} did not end in time",
                                part.thread().getName());
                    }
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            allListening.remove(it.listening());
        });
        running = Optional.empty();
        // Datagrams are sent at once or never.
        return Unsent.NONE;
    }
}
