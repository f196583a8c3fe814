package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.TaskQueue;
import dev.socketforwarder.transport.udp.admission.Admission;
import dev.socketforwarder.transport.udp.admission.Cookies;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.members.ListeningAddresses;
import dev.socketforwarder.transport.udp.members.Registrations;
import dev.socketforwarder.transport.udp.members.Registry;
import dev.socketforwarder.transport.udp.members.SenderRates;
import dev.socketforwarder.transport.udp.members.StrangerRates;
import dev.socketforwarder.transport.udp.members.TurnClock;
import dev.socketforwarder.transport.udp.preconfigured.PreconfiguredMembers;
import dev.socketforwarder.transport.udp.preconfigured.PreconfiguredMembers.Place;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** One thread of an endpoint, with its sockets and the registrations made on them. */
final class Part {
    private final TransportContext context;
    private final Common common;
    private final Sockets sockets;
    private final Tally tally;
    private final boolean sharesPort;
    private final TaskQueue tasks;
    private final TurnClock clock;
    private final LoopGuard loops;
    private final Registrations registrations;
    private final Place place;
    private final UdpLoop loop;
    private final Thread thread;

    /** The objects that all parts of an endpoint share. */
    record Common(
            Registry registry,
            StrangerRates strangers,
            Cookies cookies,
            ListeningAddresses listening,
            LongSupplier nanoClock) {}

    /** Make the part with this number, whose thread has not started. */
    Part(int number, TransportContext context, Common common, Rules rules, Sockets sockets, Tally tally) {
        this.context = context;
        this.common = common;
        this.sockets = sockets;
        this.tally = tally;
        var settings = rules.settings();
        sharesPort = settings.reusePort();
        tasks = new TaskQueue(sockets::wakeup);
        clock = new TurnClock(common.nanoClock());
        loops = new LoopGuard(sockets.seesHops(), source -> common.listening().isLocal(source.getAddress()));
        registrations = new Registrations(common.registry(), context, settings, common.listening(), tasks, clock);
        tally.kernel().onUnreachable(registrations::unreachable);
        place = new Place(registrations, sockets, tasks);
        // The most bytes that the kernel holds for one socket: twice the requested size, counted with its overhead.
        long held = 2L * settings.buffers().receive();
        loop = new UdpLoop(sockets, tasks, forwarding(rules), registrations, clock, tally, held);
        var name = "udp-" + context.name() + (number == 0 ? "" : "-" + (number + 1));
        thread = Thread.ofPlatform().name(name).daemon().unstarted(loop);
    }

    private Forwarding forwarding(Rules rules) {
        var settings = rules.settings();
        var admission = new Admission(context, settings, rules.handshake(), sockets, registrations, common.cookies());
        var rates =
                new SenderRates(settings.members().senderRate(), common.strangers(), clock, registrations.senders());
        return new Forwarding(rules.filter(), rates, tally, sockets.intake(), registrations, admission, loops, clock);
    }

    /**
     * Register the members of this part, before its thread starts.
     *
     * @param restoring registers those of an earlier endpoint
     * @return when the part is ready for datagrams
     */
    CompletableFuture<Void> begin(PreconfiguredMembers members, Consumer<Place> restoring) {
        var begun = new CompletableFuture<Void>();
        tasks.execute(() -> {
            try {
                registrations.enter();
                members.register(place);
                restoring.accept(place);
                begun.complete(null);
            } catch (IOException | RuntimeException | Error e) {
                begun.completeExceptionally(e);
                Fatal.rethrow(e);
            }
        });
        return begun;
    }

    /**
     * Receive after {@code before}, and not earlier.
     *
     * @return when what the kernel held then is forwarded
     */
    CompletableFuture<Void> receiveAfter(CompletableFuture<Void> before) {
        var received = new CompletableFuture<Void>();
        tasks.execute(() -> {
            before.handle((_, _) -> null).join();
            loop.awaitTurn();
            // Runs after the batches that other threads have handed over meanwhile.
            tasks.execute(() -> {
                try {
                    loop.takeTurn(UdpEndpoint.MARGIN);
                } finally {
                    received.complete(null);
                }
            });
        });
        return received;
    }

    /**
     * Go by these rules as soon as what the kernel holds is forwarded by the earlier ones.
     *
     * @return when it does
     */
    CompletableFuture<Void> adopt(Rules rules) {
        var adopted = new CompletableFuture<Void>();
        tasks.execute(() -> loop.change(() -> {
            try {
                registrations.adopt(rules.settings());
                loop.forwardBy(forwarding(rules));
                adopted.complete(null);
            } catch (RuntimeException | Error e) {
                adopted.completeExceptionally(e);
                Fatal.rethrow(e);
            }
        }));
        return adopted;
    }

    /**
     * Forward what the kernel holds, within this limit, and receive nothing more. Where another process shares the port, go on
     * receiving: the kernel still chooses these sockets for some senders, until they are closed.
     *
     * @return when that is done
     */
    CompletableFuture<Void> quiesce(Duration limit) {
        return CompletableFuture.runAsync(
                () -> {
                    loop.forwardHeld(limit);
                    if (!sharesPort) {
                        sockets.stopReceiving();
                    }
                },
                tasks);
    }

    /** Leave the group with all members, and end the thread. */
    void end() {
        tasks.execute(() -> {
            if (sharesPort) {
                loop.forwardHeld(UdpEndpoint.MARGIN);
            }
            loop.end();
            registrations.leave();
        });
    }

    Thread thread() {
        return thread;
    }

    TaskQueue tasks() {
        return tasks;
    }

    Registrations registrations() {
        return registrations;
    }

    Sockets sockets() {
        return sockets;
    }

    /** {@return where preconfigured members of this part are registered} */
    Place place() {
        return place;
    }
}
