package dev.socketforwarder.runtime.admin;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.runtime.monitor.Sampler;
import dev.socketforwarder.runtime.monitor.Subject;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes metrics of what the forwarder counts. The labels are endpoints, reasons, directions and loops, which are few; groups,
 * of which strangers can make any number, have metrics only if the configuration lists them.
 */
public final class ForwarderMetrics {
    private static final String PREFIX = "socketforwarder_";
    private static final double NANOS = 1e9;
    private static final double[] SECONDS = {
        0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
        5
    };
    private static final double[] BYTES = {1 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20
    };
    private static final String GROUPS = "groups";

    private final Subject subject;
    private final Sampler sampler;
    private final Set<String> groups;

    /** Prepare the metrics; {@code groups} have metrics of their own. */
    public ForwarderMetrics(Subject subject, Sampler sampler, List<String> groups) {
        this.subject = subject;
        this.sampler = sampler;
        this.groups = Set.copyOf(groups);
    }

    List<MetricSnapshot> collect() {
        var all = new ArrayList<MetricSnapshot>();
        all.add(series("build_info", "The version of the program; always 1.")
                .add(1, "version", subject.version())
                .gauge());
        all.add(series("draining", "1 while the forwarder stops, otherwise 0.")
                .add(subject.isDraining().getAsBoolean() ? 1 : 0)
                .gauge());
        addReloads(all);
        var counted = counted();
        addCounters(all, counted);
        all.add(reasons(counted));
        addLimits(all);
        addGroups(all);
        addLoops(all);
        return all;
    }

    private void addReloads(List<MetricSnapshot> all) {
        var reloads = subject.reloads().get();
        all.add(series("reloads", "Times that the configuration was read again; a failure changed nothing.")
                .add(reloads.done(), "result", "success")
                .add(reloads.failed(), "result", "failure")
                .counter());
        all.add(series("reload_failed", "1 if the last reload changed nothing, otherwise 0.")
                .add(reloads.failure().isPresent() ? 1 : 0)
                .gauge());
    }

    private static Series series(String name, String help) {
        return new Series(PREFIX + name, help);
    }

    /** {@return what each endpoint counts; one that stops gives way to one of its name that runs} */
    private Map<String, Counters.Snapshot> counted() {
        var counted = new LinkedHashMap<String, Counters.Snapshot>();
        subject.endpoints()
                .get()
                .forEach(hosted -> counted.putIfAbsent(
                        hosted.name(), hosted.context().counters().snapshot()));
        return counted;
    }

    private static void addCounters(List<MetricSnapshot> all, Map<String, Counters.Snapshot> counted) {
        var bytes = series("bytes", "Bytes of data read from peers (in) and written to members (out).");
        var operations =
                series("operations", "Reads or datagrams that brought data (in), and writes or datagrams sent (out).");
        var others = new EnumMap<Counter, Series>(Counter.class);
        counted.forEach((endpoint, snapshot) -> snapshot.counters().forEach((counter, value) -> {
            switch (counter) {
                case BYTES_IN -> bytes.add(value, "endpoint", endpoint, "direction", "in");
                case BYTES_OUT -> bytes.add(value, "endpoint", endpoint, "direction", "out");
                case READS -> operations.add(value, "endpoint", endpoint, "direction", "in");
                case WRITES -> operations.add(value, "endpoint", endpoint, "direction", "out");
                default ->
                    others.computeIfAbsent(counter, ForwarderMetrics::series).add(value, "endpoint", endpoint);
            }
        }));
        all.add(bytes.counter());
        all.add(operations.counter());
        others.forEach((counter, of) -> all.add(counter.isGauge() ? of.gauge() : of.counter()));
    }

    private static Series series(Counter counter) {
        var help = switch (counter) {
            case ACCEPTED -> "Connections accepted.";
            case CONNECTED -> "Connections made to servers.";
            case CONNECTIONS -> "Connections open now.";
            case JOINED -> "Members that joined a group.";
            case MEMBERS -> "Members in a group now.";
            case THROTTLED -> "Times that a sender was paused for its rate, or its group's.";
            case CHALLENGED -> "Registrations answered with a cookie.";
            case BYTES_IN, BYTES_OUT, READS, WRITES -> throw new IllegalArgumentException(counter.label());
        };
        return series(counter.label().replace('-', '_'), help);
    }

    private MetricSnapshot reasons(Map<String, Counters.Snapshot> counted) {
        var events = series("events", "Refusals, closings and drops, by their reason.");
        counted.forEach((endpoint, snapshot) -> snapshot.reasons()
                .forEach((reason, times) -> events.add(times, "endpoint", endpoint, "reason", reason.label())));
        // Zeros too: a series that begins with its first event hides that event from increase().
        subject.groups()
                .counters()
                .snapshot()
                .reasons()
                .forEach((reason, times) -> events.add(times, "endpoint", GROUPS, "reason", reason.label()));
        return events.counter();
    }

    private void addLimits(List<MetricSnapshot> all) {
        var registry = subject.groups();
        all.add(series("groups", "Groups that peers have named, now.")
                .add(registry.places().taken())
                .gauge());
        all.add(series("groups_limit", "The most groups that peers may make (max-groups).")
                .add(registry.places().most())
                .gauge());
        all.add(series("bridges", "Bridges in groups now; one that is in two groups counts twice.")
                .add(registry.bridges())
                .gauge());
        all.add(series("connections_limit", "The most connections of the process (max-connections).")
                .add(subject.connections().most())
                .gauge());
        all.add(series("queue_bytes", "Memory that holds bytes for members that lag, and unfinished messages.")
                .add(registry.heldBytes())
                .gauge());
        all.add(series("queue_limit_bytes", "The most such memory (max-queued).")
                .add(registry.mostBytes())
                .gauge());
    }

    private void addGroups(List<MetricSnapshot> all) {
        if (groups.isEmpty()) {
            return;
        }
        var members = series("group_members", "Members of a group now.");
        var elsewhere = series("group_members_elsewhere", "Members of a group in other processes, as these told last.");
        var bytes = series("group_bytes", "Bytes that members of a group sent (in) and got (out) since it began.");
        var leftOut = series("group_left_out_messages", "Messages left out for members of a group since it began.");
        subject.groups()
                .groups()
                .filter(group ->
                        !group.id().ofEndpoint() && groups.contains(group.id().name()))
                .forEach(group -> {
                    var name = group.id().name();
                    members.add(group.members(), "group", name);
                    subject.groups()
                            .elsewhere(group.id())
                            .forEach((node, there) -> elsewhere.add(there, "group", name, "node", node));
                    bytes.add(group.bytesIn(), "group", name, "direction", "in");
                    bytes.add(group.bytesOut(), "group", name, "direction", "out");
                    leftOut.add(group.leftOut(), "group", name);
                });
        all.add(members.gauge());
        all.add(elsewhere.gauge());
        all.add(bytes.counter());
        all.add(leftOut.counter());
    }

    private void addLoops(List<MetricSnapshot> all) {
        var busy =
                series("loop_busy_seconds", "How long an event loop has worked; its rate is the loop's utilisation.");
        subject.loops().all().forEach(loop -> busy.add(loop.times().busyNs() / NANOS, "loop", loop.name()));
        all.add(busy.counter());
        all.add(Series.histogram(
                PREFIX + "forwarding_seconds",
                "Time from reading to the last write, for each turn of an event loop that forwarded.",
                sampler.forwarded(),
                NANOS,
                SECONDS));
        all.add(Series.histogram(
                PREFIX + "member_queue_bytes",
                "Bytes queued for a member, looked at once a second for each member that has any.",
                sampler.queueDepth(),
                1,
                BYTES));
    }
}
