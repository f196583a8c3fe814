package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The members of one endpoint, and who gets what: each datagram goes to all registrations but the one that it came from.
 * That is the one whose address is the datagram's source, and the one that this source registered last. Used on the
 * endpoint's thread.
 */
final class Registrations {
    private static final Logger LOG = System.getLogger(Registrations.class.getName());

    /** What became of a wish to register. */
    sealed interface Result {}

    /** The address is a member, now or already before. */
    record Registered(Registration registration) implements Result {}

    /**
     * It is none.
     *
     * @param detail what is wrong, as text of ours; empty if the reason says it all
     */
    record Refused(Reason reason, String detail) implements Result {}

    private final TransportContext context;
    private final UdpSettings settings;
    private final ListeningAddresses listening;
    private final Owner owner;
    private final TurnClock clock;
    private final Leases leases;
    private final RegistrationLimits limits;
    private final GroupId group;
    private Membership unregistered;

    private final Map<InetSocketAddress, Registration> byAddress = new HashMap<>();
    private final Registrars registrars = new Registrars();
    private final Senders senders;

    Registrations(
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
        this.leases = new Leases(settings.members().lease(), clock);
        this.senders = new Senders(byAddress, registrars, clock);
        this.limits = new RegistrationLimits(settings.members(), clock);
        this.group = settings.group().isEmpty() ? GroupId.ofEndpoint(context.name()) : GroupId.of(settings.group());
    }

    /** Take part in the endpoint's group, with no member yet; before anything else. */
    void enter() {
        unregistered = context.groups().publisher(group, owner);
    }

    /** Give {@code batch}, which came from {@code source}, to all whom it concerns. */
    void publish(InetSocketAddress source, Batch batch) {
        senders.heard(source);
        if (settings.echo()) {
            unregistered.publish(batch);
            return;
        }
        var own = senders.at(source);
        var registered = senders.lastOf(source);
        if (own == null) {
            publish(registered, batch);
        } else if (registered == null || registered == own) {
            publish(own, batch);
        } else {
            registered.mute(true);
            try {
                publish(own, batch);
            } finally {
                registered.mute(false);
            }
        }
    }

    private void publish(Registration from, Batch batch) {
        (from == null ? unregistered : from.membership()).publish(batch);
    }

    /** {@return who is who among those that send} */
    Senders senders() {
        return senders;
    }

    /**
     * {@return what is wrong with {@code address}, whoever wants it to be a member; empty if nothing is}
     */
    Optional<Refused> objection(InetSocketAddress address) {
        return listening.objection(address).map(why -> new Refused(Reason.FORBIDDEN_TARGET, why));
    }

    /**
     * Make {@code address} a member, if it is none, as configuration demands.
     *
     * @param way makes the way to send there; asked only for a new member
     */
    Result preconfigure(InetSocketAddress address, Function<InetSocketAddress, Destination> way) {
        return objection(address).<Result>map(refused -> refused).orElseGet(() -> register(address, true, way));
    }

    /** Make {@code address}, a multicast group, a member, as configuration demands. */
    Result preconfigureGroup(InetSocketAddress address, Function<InetSocketAddress, Destination> way) {
        var objection = listening.groupObjection(address);
        return objection.isPresent()
                ? new Refused(Reason.FORBIDDEN_TARGET, objection.get())
                : register(address, true, way);
    }

    /**
     * Make {@code address} a member, or refresh it, as {@code source} asks for.
     *
     * @param way makes the way to send there; asked only for a new member
     */
    Result register(InetSocketAddress source, InetSocketAddress address, Function<InetSocketAddress, Destination> way) {
        var objection = byAddress.containsKey(address) ? Optional.<Refused>empty() : objection(address);
        if (objection.isPresent()) {
            return objection.get();
        }
        var result = register(address, false, way);
        if (result instanceof Registered(var registration)) {
            registration.heard(clock.nowNs());
            // What it sends does not go there from now on, and refreshes it.
            registrars.registered(source, registration, clock.nowNs());
            senders.changed();
        }
        return result;
    }

    private Result register(
            InetSocketAddress address, boolean preconfigured, Function<InetSocketAddress, Destination> way) {
        var existing = byAddress.get(address);
        if (existing != null) {
            if (preconfigured && !existing.isPreconfigured()) {
                limits.removed(existing);
                existing.preconfigure();
                limits.added(existing);
            }
            return new Registered(existing);
        }
        var limit = preconfigured ? limits.preconfigured() : limits.wished(address.getAddress());
        if (limit.isPresent()) {
            return new Refused(limit.get(), "");
        }
        var registration = new Registration(way.apply(address), preconfigured, this);
        return switch (context.groups().join(group, registration, owner)) {
            case Groups.Refused(var reason) -> new Refused(reason, "");
            case Groups.Joined(var membership) -> {
                registration.joined(membership);
                add(registration);
                yield new Registered(registration);
            }
        };
    }

    private void add(Registration registration) {
        byAddress.put(registration.address(), registration);
        limits.added(registration);
        senders.changed();
        if (!registration.isPreconfigured()) {
            leases.begin();
        }
        context.counters().add(Counter.JOINED, 1);
        context.counters().add(Counter.MEMBERS, 1);
        LOG.log(Level.DEBUG, () -> "Endpoint " + context.name() + ": registered " + registration.describe());
    }

    /** {@return why {@code address} cannot be ended by its host's wish; empty if it was} */
    Optional<Refused> unregister(InetSocketAddress address) {
        var registration = byAddress.get(address);
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
    void withdraw(InetSocketAddress address) {
        var registration = byAddress.get(address);
        if (registration != null) {
            close(registration, Reason.MOVED);
        }
    }

    /** The network said that a datagram did not reach {@code address}. The member is removed later, if it is too often. */
    void unreachable(InetSocketAddress address) {
        var registration = byAddress.get(address);
        var members = settings.members();
        if (registration == null || registration.isPreconfigured() || members.unreachable() == Unreachable.KEEP) {
            return;
        }
        if (registration.unreached(clock.nowNs()) == members.unreachableThreshold()) {
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

    /** {@return how long to wait at most until {@link #endExpired}, in milliseconds; -1: for ever} */
    int waitMs() {
        return leases.waitMs();
    }

    /** End those whose lease is over. */
    void endExpired() {
        for (var registration : leases.expired(byAddress.values())) {
            close(registration, Reason.LEASE_EXPIRED);
        }
    }

    /** End registrations of addresses that have become forbidden, as another endpoint listens there now. */
    void recheck() {
        for (var registration : List.copyOf(byAddress.values())) {
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

    /** Leave the group with all members; after anything else. */
    void leave() {
        List.copyOf(byAddress.values()).forEach(this::remove);
        unregistered.leave();
    }

    private boolean remove(Registration registration) {
        if (!byAddress.remove(registration.address(), registration)) {
            return false;
        }
        limits.removed(registration);
        registrars.forget(registration);
        senders.changed();
        registration.membership().leave();
        context.counters().add(Counter.MEMBERS, -1);
        return true;
    }
}
