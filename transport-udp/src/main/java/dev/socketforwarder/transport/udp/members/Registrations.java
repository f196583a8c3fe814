package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.transport.udp.io.Destination;
import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import dev.socketforwarder.transport.udp.settings.Unreachable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The members of one endpoint as one of its threads sees them, and who gets what: each datagram goes to all registrations but
 * the one that it came from. That is the one whose address is the datagram's source, and the one that this source registered
 * last. Who is registered is the same for all threads ({@link Registry}); a registration belongs to the one it was made on.
 */
public final class Registrations {
    private static final Logger LOG = System.getLogger(Registrations.class.getName());

    /** What became of a wish to register. */
    public sealed interface Result {}

    /** The address is a member, now or already before. */
    record Registered(Registration registration) implements Result {}

    /**
     * It is none.
     *
     * @param detail what is wrong, as text of ours; empty if the reason says it all
     */
    public record Refused(Reason reason, String detail) implements Result {}

    private final TransportContext context;
    private final UdpSettings settings;
    private final ListeningAddresses listening;
    private final Owner owner;
    private final TurnClock clock;
    private final Leases leases;
    private final GroupId group;
    private final Registry registry;
    private final Senders senders;
    private final Forwarders forwarders;
    /** Those of this thread that are in the group still, registered or not. */
    private final Set<Membership> memberships = new HashSet<>();

    private Membership publisher;
    private Thread thread;

    public Registrations(
            Registry registry,
            TransportContext context,
            UdpSettings settings,
            ListeningAddresses listening,
            Owner owner,
            TurnClock clock) {
        this.context = context;
        this.settings = settings;
        this.listening = listening;
        this.owner = owner;
        this.clock = clock;
        this.leases = new Leases(settings.members().lease(), clock, settings.sockets() > 1);
        this.registry = registry;
        this.senders = new Senders(registry, clock);
        this.forwarders = new Forwarders(context, settings, registry, senders);
        this.group = settings.group().isEmpty() ? GroupId.ofEndpoint(context.name()) : GroupId.of(settings.group());
    }

    /** Take part in the endpoint's group, with no member yet; before anything else. */
    public void enter() {
        thread = Thread.currentThread();
        publisher = context.groups().publisher(group, owner);
    }

    /**
     * Give {@code batch}, which came from {@code source}, to all whom it concerns.
     *
     * @param hopLimit what it came with
     */
    public void publish(InetSocketAddress source, int hopLimit, Batch batch) {
        // At this machine nobody else counts hops down: another forwarder sent it on, which is no sign of life of its
        // own.
        if (!Hops.isCounted(hopLimit) || !listening.isLocal(source.getAddress())) {
            senders.heard(source);
        }
        int hops = Hops.next(hopLimit);
        publisher.publish(batch.origin(settings.echo() ? Origin.ofNobody(hops) : senders.originOf(source, hops)));
    }

    /** {@return what may be another forwarder} */
    public Forwarders forwarders() {
        return forwarders;
    }

    /** {@return who is who among those that send} */
    public Senders senders() {
        return senders;
    }

    /**
     * {@return what is wrong with {@code address}, whoever wants it to be a member; empty if nothing is}
     */
    public Optional<Refused> objection(InetSocketAddress address) {
        return listening.objection(address).map(why -> new Refused(Reason.FORBIDDEN_TARGET, why));
    }

    /**
     * Make {@code address} a member, if it is none, as configuration demands.
     *
     * @param way makes the way to send there; asked only for a new member
     */
    public Result preconfigure(InetSocketAddress address, Function<InetSocketAddress, Destination> way) {
        return objection(address).<Result>map(refused -> refused).orElseGet(() -> enrol(address, null, way));
    }

    /** Make {@code address}, a multicast group, a member, as configuration demands. */
    public Result preconfigureGroup(InetSocketAddress address, Function<InetSocketAddress, Destination> way) {
        var objection = listening.groupObjection(address);
        return objection.isPresent()
                ? new Refused(Reason.FORBIDDEN_TARGET, objection.get())
                : enrol(address, null, way);
    }

    /**
     * Make {@code address} a member, or refresh it, as {@code source} asks for.
     *
     * @param way makes the way to send there; asked only for a new member
     */
    public Result register(
            InetSocketAddress source, InetSocketAddress address, Function<InetSocketAddress, Destination> way) {
        synchronized (registry) {
            var objection = registry.at(address) == null ? objection(address) : Optional.<Refused>empty();
            if (objection.isPresent()) {
                return objection.get();
            }
            var result = enrol(address, source, way);
            if (result instanceof Registered(var registration)) {
                registration.heard(clock.nowNs());
                // What it sends does not go there from now on, and refreshes it.
                registry.registrars().registered(source, registration, clock.nowNs());
                registry.changed();
            }
            return result;
        }
    }

    /** @param source who asks for it; null: configuration */
    private Result enrol(
            InetSocketAddress address, InetSocketAddress source, Function<InetSocketAddress, Destination> way) {
        boolean preconfigured = source == null;
        synchronized (registry) {
            var existing = registry.at(address);
            if (existing != null) {
                if (preconfigured && !existing.isPreconfigured()) {
                    registry.limits().removed(existing);
                    existing.preconfigure();
                    registry.limits().added(existing);
                }
                return new Registered(existing);
            }
            var limits = registry.limits();
            var limit = preconfigured ? limits.preconfigured() : limits.wished(address.getAddress(), clock.nowNs());
            return limit.<Result>map(reason -> new Refused(reason, ""))
                    .orElseGet(() -> join(new Registration(
                            way.apply(address), preconfigured, forwarders.areNot(source, address), this)));
        }
    }

    private Result join(Registration registration) {
        return switch (context.groups().join(group, registration, owner)) {
            case Groups.Refused(var reason) -> new Refused(reason, "");
            case Groups.Joined(var membership) -> {
                registration.joined(membership);
                memberships.add(membership);
                add(registration);
                yield new Registered(registration);
            }
        };
    }

    private void add(Registration registration) {
        registry.add(registration);
        if (!registration.isPreconfigured()) {
            leases.begin();
        }
        context.counters().add(Counter.JOINED, 1);
        context.counters().add(Counter.MEMBERS, 1);
        LOG.log(Level.DEBUG, () -> "Endpoint " + context.name() + ": registered " + registration.describe());
    }

    /** {@return why {@code address} cannot be ended by its host's wish; empty if it was} */
    public Optional<Refused> unregister(InetSocketAddress address) {
        var registration = registry.at(address);
        if (registration == null) {
            return Optional.of(new Refused(Reason.NOT_REGISTERED, ""));
        }
        if (registration.isPreconfigured()) {
            return Optional.of(new Refused(Reason.NOT_REGISTERED, "it is preconfigured"));
        }
        close(registration, Reason.LEFT);
        return Optional.empty();
    }

    /** End a registration that configuration made, as its name stands for another address now. */
    public void withdraw(InetSocketAddress address) {
        var registration = registry.at(address);
        if (registration != null) {
            close(registration, Reason.MOVED);
        }
    }

    /** The network said that a datagram did not reach {@code address}. The member is removed later, if it is too often. */
    public void unreachable(InetSocketAddress address) {
        var registration = registry.at(address);
        if (registration == null) {
            return;
        }
        int times = registration.unreached(clock.nowNs());
        var members = settings.members();
        boolean removes = members.unreachable() == Unreachable.REMOVE && !registration.isPreconfigured();
        if (removes && times == members.unreachableThreshold()) {
            // Not now: this comes in the midst of sending.
            owner.execute(() -> close(registration, Reason.MEMBER_UNREACHABLE));
        }
    }

    /** End a registration for a reason of the group's, or of ours. */
    void close(Registration registration, Reason reason) {
        if (remove(registration)) {
            context.counters().add(reason, 1);
            LOG.log(
                    Level.DEBUG,
                    () -> "Endpoint " + context.name() + ": " + registration.describe() + " removed, " + reason);
        }
    }

    /** {@return how long to wait at most until they {@link #areDue}, in milliseconds; -1: for ever} */
    public int waitMs() {
        return leases.waitMs();
    }

    /** {@return whether it is time to look for those whose lease is over} */
    public boolean areDue() {
        return leases.waitMs() == 0;
    }

    /** End those whose lease was over at {@code nowNs}. */
    public void endExpired(long nowNs) {
        synchronized (registry) {
            for (var registration : leases.expired(own(), nowNs)) {
                close(registration, Reason.LEASE_EXPIRED);
            }
        }
    }

    /** End registrations of addresses that have become forbidden, as another endpoint listens there now. */
    public void recheck() {
        for (var registration : List.copyOf(registry.all())) {
            var address = registration.address();
            // A group is only a member where configuration asks for it.
            var found = address.getAddress().isMulticastAddress()
                    ? listening.groupObjection(address)
                    : listening.objection(address);
            found.ifPresent(objection -> {
                close(registration, Reason.FORBIDDEN_TARGET);
                LOG.log(
                        Level.WARNING,
                        "Endpoint {0}: {1} is no member any more, since it is {2}",
                        context.name(),
                        registration.describe(),
                        objection);
            });
        }
    }

    /** Leave the group with all members of this thread; after anything else. */
    public void leave() {
        own().forEach(this::remove);
        // Also with those that other threads removed: their tasks may come too late.
        memberships.forEach(Membership::leave);
        memberships.clear();
        publisher.leave();
    }

    private List<Registration> own() {
        return registry.all().stream().filter(each -> each.home() == this).toList();
    }

    private boolean remove(Registration registration) {
        if (!registry.remove(registration)) {
            return false;
        }
        registration.home().depart(registration);
        context.counters().add(Counter.MEMBERS, -1);
        return true;
    }

    /** Leave the group with a registration of this thread; called by any thread. */
    private void depart(Registration registration) {
        var membership = registration.membership();
        if (Thread.currentThread() == thread) {
            leave(membership);
        } else {
            owner.execute(() -> leave(membership));
        }
    }

    private void leave(Membership membership) {
        memberships.remove(membership);
        membership.leave();
    }
}
