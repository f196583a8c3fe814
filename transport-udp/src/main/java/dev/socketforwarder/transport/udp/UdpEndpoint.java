package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.AddressFilter;
import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.api.kit.Lookups.Following;
import dev.socketforwarder.api.kit.TaskQueue;
import dev.socketforwarder.transport.udp.admission.Admission;
import dev.socketforwarder.transport.udp.admission.Cookies;
import dev.socketforwarder.transport.udp.io.Link;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.members.InterfaceWatch;
import dev.socketforwarder.transport.udp.members.ListeningAddresses;
import dev.socketforwarder.transport.udp.members.ListeningAddresses.Listening;
import dev.socketforwarder.transport.udp.members.Registrations;
import dev.socketforwarder.transport.udp.members.Registry;
import dev.socketforwarder.transport.udp.members.SenderRates;
import dev.socketforwarder.transport.udp.members.StrangerRates;
import dev.socketforwarder.transport.udp.members.TurnClock;
import dev.socketforwarder.transport.udp.preconfigured.PreconfiguredMembers;
import dev.socketforwarder.transport.udp.preconfigured.PreconfiguredMembers.Place;
import dev.socketforwarder.transport.udp.preconfigured.PreconfiguredNames;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * An endpoint with one group of datagram members, on one or several addresses, served by one thread for each of its
 * {@code sockets}.
 */
final class UdpEndpoint implements Endpoint {
    private static final Logger LOG = System.getLogger(UdpEndpoint.class.getName());
    // How much longer than its limit a turn may take to end by itself.
    private static final Duration MARGIN = Duration.ofMillis(300);
    // How long a start waits for names; answers that come later take effect when they come.
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final UdpSettings settings;
    private final AddressFilter filter;
    private final Handshake handshake;
    private final TransportContext context;
    private final ListeningAddresses allListening;
    private final Machine machine;
    private final KeptRegistrations kept;

    private volatile Optional<Running> running = Optional.empty();

    /** The objects that exist while the endpoint runs. */
    private record Running(
            List<Part> parts, Listening listening, Optional<Following> names, Optional<InterfaceWatch> interfaces) {
        List<InetSocketAddress> bound() {
            return parts.getFirst().sockets().localAddresses();
        }
    }

    /** One thread, and what it owns. */
    private record Part(Thread thread, TaskQueue tasks, UdpLoop loop, Registrations registrations, Sockets sockets) {}

    /** The objects that all threads share. */
    private record Common(Registry registry, StrangerRates strangers, Cookies cookies) {}

    UdpEndpoint(
            UdpSettings settings,
            AddressFilter filter,
            Handshake handshake,
            TransportContext context,
            ListeningAddresses allListening,
            Machine machine) {
        this.settings = settings;
        this.filter = filter;
        this.handshake = handshake;
        this.context = context;
        this.allListening = allListening;
        this.machine = machine;
        this.kept = new KeptRegistrations(context, settings, filter, InstantSource.system());
    }

    @Override
    public void start() throws IOException {
        var names = PreconfiguredNames.of(context.name(), settings.preconfigured(), lookUp());
        var tallies = Stream.generate(() -> new Tally(context))
                .limit(settings.sockets())
                .toList();
        var sockets = IoChoice.open(context, settings, machine.ownAddresses(), tallies);
        StartWarnings.ofChannels(context.name(), settings, sockets.getFirst());
        var common = new Common(
                new Registry(settings.members(), machine.nanoClock().getAsLong()),
                new StrangerRates(settings.members().senderRate()),
                new Cookies(machine.nanoClock()));
        var parts = new ArrayList<Part>();
        for (int i = 0; i < sockets.size(); i++) {
            parts.add(part(i, sockets.get(i), tallies.get(i), common));
        }
        var places = parts.stream()
                .map(it -> new Place(it.registrations(), it.sockets(), it.tasks()))
                .toList();
        var members = new PreconfiguredMembers(context.name(), names, places);
        var bound = sockets.getFirst().localAddresses();
        var first = parts.getFirst();
        first.sockets().follow(first.sockets().needsInterfaces() ? interfacesNow() : List.of());
        var listening = new Listening(listeningAt(bound), () -> first.tasks().execute(first.registrations()::recheck));
        var left = kept.take();
        var started = places.stream()
                .map(place ->
                        begin(place, place == places.getFirst(), members, () -> kept.restore(left, place, places)))
                .toArray(CompletableFuture<?>[]::new);
        running = Optional.of(
                new Running(parts, listening, watch(names, members, first.tasks()), watchInterfaces(first, members)));
        allListening.add(listening);
        StartWarnings.ofStrangers(context.name(), settings, bound);
        StartWarnings.ofUnknown(context.name(), names);
        var begun = CompletableFuture.allOf(started);
        receiveInOrder(parts, begun);
        // The first tasks of each thread run before its first datagram.
        parts.forEach(it -> it.thread().start());
        awaitStart(begun);
    }

    /**
     * Let the threads receive one after the other, once all members are registered. Each socket takes over some senders
     * of the sockets that were bound earlier. The datagrams of the earlier sockets are forwarded first, so that each
     * sender's datagrams stay in order.
     */
    private void receiveInOrder(List<Part> parts, CompletableFuture<Void> begun) {
        var earlier = begun;
        for (var part : parts) {
            var before = earlier;
            var received = new CompletableFuture<Void>();
            part.tasks().execute(() -> {
                before.handle((_, _) -> null).join();
                part.loop().awaitTurn();
                // Runs after the batches that other threads have handed over meanwhile.
                part.tasks().execute(() -> {
                    try {
                        part.loop().takeTurn(MARGIN);
                    } finally {
                        received.complete(null);
                    }
                });
            });
            earlier = received;
        }
    }

    /**
     * {@return the most bytes that the kernel holds for one socket: twice the requested size, counted with the kernel's
     * overhead}
     */
    private long held() {
        return 2L * settings.buffers().receive();
    }

    private Part part(int i, Sockets sockets, Tally tally, Common common) {
        var tasks = new TaskQueue(sockets::wakeup);
        var clock = new TurnClock(machine.nanoClock());
        var registrations = new Registrations(common.registry(), context, settings, allListening, tasks, clock);
        tally.kernel().onUnreachable(registrations::unreachable);
        var admission = new Admission(context, settings, handshake, sockets, registrations, common.cookies());
        var rates =
                new SenderRates(settings.members().senderRate(), common.strangers(), clock, registrations.senders());
        var loops = new LoopGuard(sockets.seesHops(), source -> allListening.isLocal(source.getAddress()));
        var forwarding = new Forwarding(filter, rates, tally, sockets.intake(), registrations, admission, loops, clock);
        var loop = new UdpLoop(sockets, tasks, forwarding, registrations, clock, tally, held());
        var name = "udp-" + context.name() + (i == 0 ? "" : "-" + (i + 1));
        return new Part(Thread.ofPlatform().name(name).daemon().unstarted(loop), tasks, loop, registrations, sockets);
    }

    /** {@return when this place's thread, which has not started, is ready for datagrams} */
    private CompletableFuture<Void> begin(
            Place place, boolean isFirst, PreconfiguredMembers members, Runnable restoring) {
        var started = new CompletableFuture<Void>();
        place.owner().execute(() -> {
            try {
                place.registrations().enter();
                members.register(place);
                if (isFirst) {
                    members.registerGroups(settings.multicast().members());
                }
                restoring.run();
                started.complete(null);
            } catch (IOException | RuntimeException | Error e) {
                started.completeExceptionally(e);
                Fatal.rethrow(e);
            }
        });
        return started;
    }

    private List<String> preconfiguredHosts() {
        return settings.preconfigured().stream().map(HostPort::host).toList();
    }

    private Map<String, List<InetAddress>> lookUp() {
        return machine.resolver().find(preconfiguredHosts(), PATIENCE);
    }

    private Optional<Following> watch(PreconfiguredNames names, PreconfiguredMembers members, TaskQueue tasks) {
        return names.haveNames()
                ? Optional.of(machine.resolver()
                        .follow(
                                preconfiguredHosts(),
                                machine.lookUpInterval(),
                                (host, found) -> tasks.execute(() -> members.found(host, found))))
                : Optional.empty();
    }

    private Optional<InterfaceWatch> watchInterfaces(Part first, PreconfiguredMembers members) {
        return first.sockets().needsInterfaces()
                ? Optional.of(new InterfaceWatch(
                                context.name(), machine.interfaces(), first.tasks(), now -> follow(first, members, now))
                        .start())
                : Optional.empty();
    }

    private List<Link> interfacesNow() {
        try {
            return machine.interfaces().links();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Cannot list the network interfaces", e);
            return List.of(); // the interfaces may become visible later
        }
    }

    private boolean follow(Part first, PreconfiguredMembers members, List<Link> now) {
        boolean settled = first.sockets().follow(now);
        try {
            members.registerGroups(settings.multicast().members());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "Endpoint {0}: {1}", context.name(), e.getMessage());
        }
        return settled;
    }

    /** {@return {@code bound} and the multicast groups, which are received at the same port} */
    private List<InetSocketAddress> listeningAt(List<InetSocketAddress> bound) {
        int port = bound.getFirst().getPort();
        var groups = settings.multicast().groups().stream().map(group -> new InetSocketAddress(group, port));
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
                    .map(part -> CompletableFuture.runAsync(() -> part.loop().drainKernel(limit), part.tasks()))
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
            kept.save(it.parts()
                    .getFirst()
                    .registrations()
                    .saved(machine.nanoClock().getAsLong()));
            it.names().ifPresent(Following::close);
            it.interfaces().ifPresent(InterfaceWatch::close);
            for (var part : it.parts()) {
                part.tasks().execute(() -> {
                    part.loop().end();
                    part.registrations().leave();
                });
            }
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
