package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.transport.udp.io.Destination;
import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A registered address, which gets what others send. It belongs to the thread on which it was registered; only that
 * thread uses it as a {@link Member}. The endpoint's other threads may read its state and report its activity.
 */
public final class Registration implements Member {
    private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);

    private final Destination destination;
    private final boolean proven;
    private final Registrations registrations;
    private final LinkedHashSet<Registrant> registrants = new LinkedHashSet<>();
    private Membership membership;
    private BatchOrigin origin = new BatchOrigin(this, null, Hops.NONE);
    private volatile boolean ended;
    private volatile boolean preconfigured;
    private volatile long heardNs;
    private volatile int errors;
    private long errorNs; // guarded by this
    private TokenBucket rate; // null until needed

    /**
     * Make a registration that has not joined.
     *
     * @param preconfigured whether the registration is permanent, so that no peer can end it
     * @param proven whether the address is certainly no forwarder's
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

    /** {@return the address that its datagrams leave from} */
    InetAddress from() {
        return destination.from();
    }

    /** Set the membership, once, right after joining. */
    void joined(Membership joined) {
        membership = joined;
    }

    Membership membership() {
        return membership;
    }

    /** {@return the sources that registered this address last, oldest first; guarded by the {@link Registry}} */
    LinkedHashSet<Registrant> registrants() {
        return registrants;
    }

    /** {@return whether the address is certainly no forwarder's} */
    boolean isProven() {
        return proven;
    }

    /** Make this registration permanent. */
    void preconfigure() {
        preconfigured = true;
    }

    boolean isPreconfigured() {
        return preconfigured;
    }

    /** Note that the address was registered again, or that a datagram came from the address. */
    public void heard(long nowNs) {
        heardNs = nowNs;
        if (errors > 0) {
            errors = 0;
        }
    }

    /**
     * Note that the network reported a datagram to this address as undelivered.
     *
     * @return how many reports came since its last sign of life; a minute without a report begins the count anew
     */
    public synchronized int unreached(long nowNs) {
        errors = nowNs - errorNs > MINUTE_NS ? 1 : errors + 1;
        errorNs = nowNs;
        return errors;
    }

    /** {@return the bucket for what this address sends} */
    synchronized TokenBucket rate(Supplier<TokenBucket> fresh) {
        if (rate == null) {
            rate = fresh.get();
        }
        return rate;
    }

    /** {@return when this address, or a source that registered it, was last heard} */
    long heardNs() {
        long last = heardNs;
        for (var registrant : registrants) {
            last = registrant.heardNs() - last > 0 ? registrant.heardNs() : last;
        }
        return last;
    }

    /** {@return the origin for a batch from this address, or from the source that registered it; cached for both} */
    BatchOrigin origin(Registration own, Registration last, int hops) {
        var known = origin;
        if (known.own() != own || known.last() != last || known.hops() != hops) {
            known = new BatchOrigin(own, last, hops);
            origin = known;
        }
        return known;
    }

    /** {@return the registrations of the thread that this registration belongs to} */
    Registrations home() {
        return registrations;
    }

    /** Deliver nothing more to this member, even before it has left the group. May be called by any thread. */
    void end() {
        ended = true;
    }

    @Override
    public void deliver(Batch batch) {
        if (ended) {
            return;
        }
        if (!(batch.origin() instanceof BatchOrigin from)) {
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
