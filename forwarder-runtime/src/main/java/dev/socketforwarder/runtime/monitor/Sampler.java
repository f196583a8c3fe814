package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.runtime.groups.MemberView;
import dev.socketforwarder.runtime.groups.PeerMember;
import dev.socketforwarder.runtime.groups.Rate;
import dev.socketforwarder.runtime.process.Histogram;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Looks at the counters once a second, and so knows how fast they grow and what they were in the last minutes. Thread-safe.
 */
public final class Sampler {
    /** How often the counters are looked at. */
    public static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final int MOST_SAMPLES = 300;
    private static final int MOST_SLOW = 1_000; // how many members the kernel is asked about each time
    private static final int WINDOW = 10; // how many samples' forwarding times are reported together

    /**
     * The state at one time.
     *
     * @param time in seconds since 1970
     * @param bytesIn per second, of all endpoints
     * @param bytesOut per second, of all endpoints
     * @param members how many there are
     * @param held bytes of queue memory
     * @param forwarding the forwarding times of this interval, in nanoseconds
     */
    public record Sample(long time, double bytesIn, double bytesOut, int members, long held, Histogram forwarding) {

        /** {@return the forwarding time that this share of the turns did not exceed; empty if nothing was forwarded} */
        public OptionalLong forwardingNs(double share) {
            return forwarding.count() == 0 ? OptionalLong.empty() : OptionalLong.of(forwarding.quantile(share));
        }
    }

    /** How fast something goes on, for one endpoint. */
    public record Rates(Rate bytesIn, Rate bytesOut, Rate reads, Rate writes) {
        Rates() {
            this(new Rate(), new Rate(), new Rate(), new Rate());
        }
    }

    private final Subject subject;
    private final InstantSource clock;
    private final LongSupplier nanoClock;

    // Guarded by this.
    private final ArrayDeque<Sample> samples = new ArrayDeque<>();
    private final Map<String, Rates> rates = new HashMap<>();
    private final Map<String, Rate> busy = new HashMap<>();
    private final Map<Long, Rate> acknowledged = new HashMap<>(); // of slow members, by their numbers
    private final Histogram queueDepth = new Histogram();
    private Histogram forwardedBefore = new Histogram();

    public Sampler(Subject subject, InstantSource clock, LongSupplier nanoClock) {
        this.subject = subject;
        this.clock = clock;
        this.nanoClock = nanoClock;
    }

    /** Look at the counters once. Always called on the same thread. */
    public synchronized void sample() {
        long nowNs = nanoClock.getAsLong();
        subject.groups().sample();
        double bytesIn = 0;
        double bytesOut = 0;
        int members = 0;
        for (var hosted : subject.endpoints().get()) {
            var counters = hosted.context().counters();
            var ofEndpoint = rates.computeIfAbsent(hosted.name(), _ -> new Rates());
            ofEndpoint.bytesIn().sample(counters.get(Counter.BYTES_IN), nowNs);
            ofEndpoint.bytesOut().sample(counters.get(Counter.BYTES_OUT), nowNs);
            ofEndpoint.reads().sample(counters.get(Counter.READS), nowNs);
            ofEndpoint.writes().sample(counters.get(Counter.WRITES), nowNs);
            bytesIn += ofEndpoint.bytesIn().perSecond();
            bytesOut += ofEndpoint.bytesOut().perSecond();
            members += (int) counters.get(Counter.MEMBERS);
        }
        var loops = subject.loops().all();
        loops.forEach(loop -> busy.computeIfAbsent(loop.name(), _ -> new Rate())
                .sample(loop.times().busyNs(), nowNs));
        subject.groups().queued().forEach(queueDepth::add);
        askKernel(nowNs);
        add(new Sample(
                clock.instant().getEpochSecond(),
                bytesIn,
                bytesOut,
                members,
                subject.groups().heldBytes(),
                forwarded(loops)));
    }

    /** Ask how fast the slow members take bytes; the others take all that they are sent. */
    private void askKernel(long nowNs) {
        var slow = subject.groups().slow().limit(MOST_SLOW).toList();
        acknowledged.keySet().retainAll(slow.stream().map(MemberView::id).collect(Collectors.toSet()));
        for (var member : slow) {
            member.peer()
                    .flatMap(PeerMember::transmission)
                    .ifPresent(transmission -> acknowledged
                            .computeIfAbsent(member.id(), _ -> new Rate())
                            .sample(transmission.acknowledged(), nowNs));
        }
    }

    private Histogram forwarded(List<EventLoop> loops) {
        var all = forwarding(loops);
        var latest = all.copy().minus(forwardedBefore);
        forwardedBefore = all;
        return latest;
    }

    private static Histogram forwarding(List<EventLoop> loops) {
        var all = new Histogram();
        loops.forEach(loop -> all.plus(loop.times().forwarding()));
        return all;
    }

    private void add(Sample sample) {
        if (samples.size() == MOST_SAMPLES) {
            samples.removeFirst();
        }
        samples.addLast(sample);
    }

    /** {@return the samples of the last minutes, the oldest first} */
    public synchronized List<Sample> samples() {
        return List.copyOf(samples);
    }

    /** {@return how fast an endpoint's counters grow} */
    public synchronized Rates rates(String endpoint) {
        return rates.getOrDefault(endpoint, new Rates());
    }

    /** {@return how many bytes a second the peer of a member that lags acknowledged lately; empty if that is not known} */
    public synchronized OptionalDouble acknowledgedPerSecond(long member) {
        var rate = acknowledged.get(member);
        return rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate.perSecond());
    }

    /** {@return the share of its time that a loop worked lately, from 0 to 1} */
    public synchronized double utilisation(EventLoop loop) {
        var rate = busy.get(loop.name());
        return rate == null ? 0 : Math.min(1, Json.seconds(rate.perSecond()));
    }

    /** {@return the times of forwarding in the last seconds, in nanoseconds} */
    public synchronized Histogram latelyForwarded() {
        var lately = new Histogram();
        samples.stream().skip(Math.max(0, samples.size() - WINDOW)).forEach(sample -> lately.plus(sample.forwarding()));
        return lately;
    }

    /** {@return the times of forwarding since the start, in nanoseconds} */
    public Histogram forwarded() {
        return forwarding(subject.loops().all());
    }

    /** {@return the bytes queued for each member that had any, once for each second} */
    public synchronized Histogram queueDepth() {
        return queueDepth.copy();
    }
}
