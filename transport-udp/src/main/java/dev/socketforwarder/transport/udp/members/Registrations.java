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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The members of one endpoint as seen by one of its threads. A datagram goes to all registrations except the one at its
 * source address and the one that this source made last. All threads see the same registrations ({@link Registry});
 * each registration belongs to the thread on which it was made.
 */
public final class Registrations {
    private static final Logger LOG = System.getLogger(Registrations.class.getName());

    /** The result of a request to register. */
    public sealed interface Result {}

    /** The address is a member, newly or already. */
    record Registered(Registration registration) implements Result {}

    /**
     * The request is refused.
     *
     * @param detail the problem as a message of the forwarder; empty if the reason says it all
     */
    public record Refused(Reason reason, String detail) implements Result {}

    /** Longer than any lease, and short enough to be counted in nanoseconds. */
    private static final long LONGEST_SILENCE_MS = TimeUnit.DAYS.toMillis(3_650);

    private final TransportContext context;
    private final ListeningAddresses listening;
    private final Owner owner;
    private final TurnClock clock;
    private final GroupId group;
    private final Registry registry;
    private final Senders senders;
    /** The memberships of this thread that are still in the group, registered or not. */
    private final Set<Membership> memberships = new HashSet<>();

    private UdpSettings settings;
    private Leases leases;
    private Forwarders forwarders;
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
        this.leases = leases();
        this.registry = registry;
        this.senders = new Senders(registry, clock);
        this.forwarders = new Forwarders(context, settings, registry, senders);
        this.group = settings.group().isEmpty() ? GroupId.ofEndpoint(context.name()) : GroupId.of(settings.group());
    }

    /** Join the endpoint's group without a member yet; called before all else. */
    public void enter() {
        thread = Thread.currentThread();
        publisher = context.groups().publisher(group, owner);
    }

    /**
     * Go by other settings from now on. Registrations stay. Where the lease is another one, it begins anew for all of
     * them.
     */
    public void adopt(UdpSettings changed) {
        var lease = settings.members().lease();
        settings = changed;
        forwarders = new Forwarders(context, settings, registry, senders);
        if (!settings.members().lease().equals(lease)) {
            leases = leases();
            own().stream().filter(each -> !each.isPreconfigured()).forEach(each -> {
                each.heard(clock.nowNs());
                leases.begin();
            });
        }
    }

    private Leases leases() {
        return new Leases(settings.members().lease(), clock, settings.sockets() > 1);
    }

    /**
     * Publish {@code batch}, which came from {@code source}, to all other registrations.
     *
     * @param hopLimit the hop limit with which it arrived
     */
    public void publish(InetSocketAddress source, int hopLimit, Batch batch) {
        // On this machine only forwarders count hops down. A datagram that a forwarder passed on is no sign of life of
        // its sender.
        if (!Hops.isCounted(hopLimit) || !listening.isLocal(source.getAddress())) {
            senders.heard(source);
        }
        int hops = Hops.next(hopLimit);
        publisher.publish(batch.origin(settings.echo() ? BatchOrigin.ofNobody(hops) : senders.originOf(source, hops)));
    }

    /** {@return the addresses that may be other forwarders} */
    public Forwarders forwarders() {
        return forwarders;
    }

    /** {@return the senders and their registrations} */
    public Senders senders() {
        return senders;
    }

    /** {@return why {@code address} must not be a member, whoever requests it; empty if it may} */
    public Optional<Refused> objection(InetSocketAddress address) {
        return listening.objection(address).map(why -> new Refused(Reason.FORBIDDEN_TARGET, why));
    }

    /**
     * Make {@code address} a member, as the configuration demands, unless it is one.
     *
     * @param way makes the destination of a new member
     */
    public Result preconfigure(InetSocketAddress address, Function<InetSocketAddress, Destination> way) {
        return objection(address).<Result>map(refused -> refused).orElseGet(() -> preconfigureAny(address, way));
    }

    /** Make the multicast group {@code address} a member, as the configuration demands. */
    public Result preconfigureGroup(InetSocketAddress address, Function<InetSocketAddress, Destination> way) {
        var objection = listening.groupObjection(address);
        return objection.isPresent()
                ? new Refused(Reason.FORBIDDEN_TARGET, objection.get())
                : preconfigureAny(address, way);
    }

    private Result preconfigureAny(InetSocketAddress address, Function<InetSocketAddress, Destination> way) {
        return enrol(address, null, RegistrationLimits::preconfigured, way);
    }

    /**
     * Make {@code address} a member at the request of {@code source}, or refresh it.
     *
     * @param way makes the destination of a new member
     */
    public Result register(
            InetSocketAddress source, InetSocketAddress address, Function<InetSocketAddress, Destination> way) {
        synchronized (registry) {
            var objection = registry.at(address) == null ? objection(address) : Optional.<Refused>empty();
            if (objection.isPresent()) {
                return objection.get();
            }
            var result = enrol(address, source, limits -> limits.wished(address.getAddress(), clock.nowNs()), way);
            if (result instanceof Registered(var registration)) {
                registration.heard(clock.nowNs());
                // From now on the source's datagrams do not go to this registration, but refresh it.
                registry.registrants().registered(source, registration, clock.nowNs());
                registry.changed();
            }
            return result;
        }
    }

    /**
     * Make an address a member that was one before a restart.
     *
     * @param agedMs how long ago it was saved
     * @param way makes the destination
     */
    public Result restore(SavedRegistration saved, long agedMs, Function<InetSocketAddress, Destination> way) {
        var address = saved.address();
        synchronized (registry) {
            var objection = objection(address);
            if (objection.isPresent()) {
                return objection.get();
            }
            var existing = registry.at(address);
            if (existing != null) {
                return new Registered(existing); // what is newer counts
            }
            var source = saved.sources().contains(address)
                    ? address
                    : saved.sources().getLast();
            var result = enrol(address, source, limits -> limits.restored(address.getAddress()), way);
            if (result instanceof Registered(var registration)) {
                long silenceMs = Math.min(saved.silenceMs() + agedMs, LONGEST_SILENCE_MS);
                long heardNs = clock.nowNs() - TimeUnit.MILLISECONDS.toNanos(silenceMs);
                registration.heard(heardNs);
                saved.sources().forEach(each -> registry.registrants().registered(each, registration, heardNs));
                registry.changed();
                leases.begin(heardNs);
            }
            return result;
        }
    }

    /** {@return what outlives the endpoint: the registrations of all its threads} May be called by any thread. */
    public List<SavedRegistration> saved(long nowNs) {
        return registry.saved(nowNs);
    }

    /** {@return whether {@code address} belongs to this machine} */
    public boolean isLocal(InetAddress address) {
        return listening.isLocal(address);
    }

    /**
     * @param source the address that requests it; null for the configuration
     * @param refusal tells whether a new registration is refused
     */
    private Result enrol(
            InetSocketAddress address,
            InetSocketAddress source,
            Function<RegistrationLimits, Optional<Reason>> refusal,
            Function<InetSocketAddress, Destination> way) {
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
            return refusal.apply(registry.limits())
                    .<Result>map(reason -> new Refused(reason, ""))
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
    }

    /**
     * End a registration at its host's request.
     *
     * @return why it cannot be ended; empty if it was
     */
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

    /** {@return how many registrations the endpoint has} May be called by any thread. */
    public int count() {
        return registry.all().size();
    }

    /** End a preconfigured registration, since the configuration or a name server names another address now. */
    public void withdraw(InetSocketAddress address) {
        var registration = registry.at(address);
        if (registration != null && registration.isPreconfigured()) {
            close(registration, Reason.MOVED);
        }
    }

    /**
     * Note that the network reported a datagram to {@code address} as undelivered. If that happens too often, the
     * member is removed later.
     */
    public void unreachable(InetSocketAddress address) {
        var registration = registry.at(address);
        if (registration == null) {
            return;
        }
        int times = registration.unreached(clock.nowNs());
        var members = settings.members();
        boolean removes = members.unreachable() == Unreachable.REMOVE && !registration.isPreconfigured();
        if (removes && times >= members.unreachableThreshold()) {
            // Not at once, since this call comes in the middle of sending.
            owner.execute(() -> close(registration, Reason.MEMBER_UNREACHABLE));
        }
    }

    /** End a registration for a reason of the group or the endpoint. */
    void close(Registration registration, Reason reason) {
        if (remove(registration, reason)) {
            context.counters().add(reason, 1);
        }
    }

    /** {@return the time until {@link #areDue} may hold, in milliseconds; -1 if it never will} */
    public int waitMs() {
        return leases.waitMs();
    }

    /** {@return whether it is time to look for expired registrations} */
    public boolean areDue() {
        return leases.waitMs() == 0;
    }

    /** End the registrations that had expired by {@code nowNs}. */
    public void endExpired(long nowNs) {
        synchronized (registry) {
            for (var registration : leases.expired(own(), nowNs)) {
                close(registration, Reason.LEASE_EXPIRED);
            }
        }
    }

    /** {@return why {@code address} must not be a member, though the configuration names it; empty if it may} */
    public Optional<String> objectionToConfigured(InetSocketAddress address) {
        // Only the configuration makes a group a member.
        return address.getAddress().isMulticastAddress()
                ? listening.groupObjection(address)
                : listening.objection(address);
    }

    /** End registrations of addresses that are now forbidden, because another endpoint listens there. */
    public void recheck() {
        for (var registration : List.copyOf(registry.all())) {
            objectionToConfigured(registration.address()).ifPresent(objection -> {
                close(registration, Reason.FORBIDDEN_TARGET);
                LOG.log(
                        Level.WARNING,
                        "Endpoint {0}: {1} is removed as a member, since it is {2}",
                        context.name(),
                        registration.describe(),
                        objection);
            });
        }
    }

    /** Leave the group with all members of this thread; called after all else. */
    public void leave() {
        own().forEach(registration -> remove(registration, Reason.STOPPED));
        // This includes registrations that other threads removed, whose tasks may come too late.
        memberships.forEach(membership -> membership.leave(Reason.STOPPED));
        memberships.clear();
        publisher.leave(Reason.STOPPED);
    }

    private List<Registration> own() {
        return registry.all().stream().filter(each -> each.home() == this).toList();
    }

    private boolean remove(Registration registration, Reason reason) {
        if (!registry.remove(registration)) {
            return false;
        }
        registration.home().depart(registration, reason);
        context.counters().add(Counter.MEMBERS, -1);
        return true;
    }

    /** Leave the group with a registration of this thread. May be called by any thread. */
    private void depart(Registration registration, Reason reason) {
        var membership = registration.membership();
        if (Thread.currentThread() == thread) {
            leave(membership, reason);
        } else {
            owner.execute(() -> leave(membership, reason));
        }
    }

    private void leave(Membership membership, Reason reason) {
        memberships.remove(membership);
        membership.leave(reason);
    }
}
