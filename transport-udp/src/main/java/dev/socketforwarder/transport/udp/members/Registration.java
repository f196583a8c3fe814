package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.transport.udp.io.Destination;
import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * An address that gets what others send. It belongs to the thread that it was registered on, which alone calls it as a
 * {@link Member}; the others of its endpoint may ask and tell what its address does.
 */
public final class Registration implements Member {
    private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);

    private final Destination destination;
    private final boolean proven;
    private final Registrations registrations;
    private final LinkedHashSet<Registrar> registrars = new LinkedHashSet<>();
    private Membership membership;
    private Origin origin = new Origin(this, null, Hops.NONE);
    private volatile boolean ended;
    private volatile boolean preconfigured;
    private volatile long heardNs;
    private volatile int errors;
    private long errorNs; // guarded by this
    private Bucket rate; // null: not counted yet

    /**
     * Make one.
     *
     * @param preconfigured whether it is there for good, as no peer can end it
     * @param proven whether it is no forwarder for sure
     */
    public Registration(Destination destination, boolean preconfigured, boolean proven, Registrations registrations) {
        this.destination = destination;
        this.preconfigured = preconfigured;
        this.proven = proven;
        this.registrations = registrations;
    }

    InetSocketAddress address() {
        return destination.address();
    }

    /** Take the place in the group; once, right after joining. */
    void joined(Membership joined) {
        membership = joined;
    }

    Membership membership() {
        return membership;
    }

    /** {@return the sources that registered this address last, the longest ago first; where the {@link Registry} is locked} */
    LinkedHashSet<Registrar> registrars() {
        return registrars;
    }

    /** {@return whether it is no forwarder for sure} */
    boolean isProven() {
        return proven;
    }

    /** Let it be there for good. */
    void preconfigure() {
        preconfigured = true;
    }

    boolean isPreconfigured() {
        return preconfigured;
    }

    /** It was registered, again maybe, or a datagram came from its address. */
    public void heard(long nowNs) {
        heardNs = nowNs;
        if (errors > 0) {
            errors = 0;
        }
    }

    /**
     * The network said that a datagram did not reach it.
     *
     * @return how often since something came from it, with no more than a minute between two times
     */
    public synchronized int unreached(long nowNs) {
        errors = nowNs - errorNs > MINUTE_NS ? 1 : errors + 1;
        errorNs = nowNs;
        return errors;
    }

    /** {@return the count of what it sends} */
    synchronized Bucket rate(Supplier<Bucket> fresh) {
        if (rate == null) {
            rate = fresh.get();
        }
        return rate;
    }

    /** {@return when something came last from it, or from who registered it} */
    long heardNs() {
        long last = heardNs;
        for (var registrar : registrars) {
            last = registrar.heardNs() - last > 0 ? registrar.heardNs() : last;
        }
        return last;
    }

    /** {@return the origin of what comes from this address, or was registered by who sends it, and concerns both} */
    Origin origin(Registration own, Registration last, int hops) {
        var known = origin;
        if (known.own() != own || known.last() != last || known.hops() != hops) {
            known = new Origin(own, last, hops);
            origin = known;
        }
        return known;
    }

    /** {@return whose thread it belongs to} */
    Registrations home() {
        return registrations;
    }

    /** Get nothing any more, even before it has left the group. Any thread. */
    void end() {
        ended = true;
    }

    @Override
    public void deliver(Batch batch) {
        if (ended) {
            return;
        }
        if (!(batch.origin() instanceof Origin from)) {
            destination.send(registrations.forwarders().passable(batch, this), Hops.NONE);
        } else if (!from.concerns(this)) {
            destination.send(batch, from.hops());
        }
    }

    @Override
    public Batch.Form form() {
        return Batch.Form.MESSAGES;
    }

    @Override
    public int largestMessage() {
        return UdpSettings.LARGEST_DATAGRAM;
    }

    @Override
    public boolean pausable() {
        return false;
    }

    @Override
    public void close(Reason reason) {
        registrations.close(this, reason);
    }

    @Override
    public String describe() {
        return AddressText.of(address());
    }
}
