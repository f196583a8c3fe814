package dev.socketforwarder.runtime.server;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.process.FatalErrors;
import dev.socketforwarder.runtime.service.ServiceManager;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import dev.socketforwarder.runtime.text.Addresses;
import dev.socketforwarder.runtime.text.Values;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reports to the service manager while the forwarder runs: that the loops turn, if it watches, and in one line what is served. A loop
 * that hangs is not reported, so that the service manager restarts the process. Loops of plugins do not count, since they hold up
 * nobody but their own members.
 */
public final class ServiceReports implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ServiceReports.class.getName());

    private static final Duration STATUS_INTERVAL = Duration.ofSeconds(5);
    /** How many looks there are within the time that the service manager waits; two of them may find a long turn. */
    private static final int LOOKS = 4;

    private final ServiceManager manager;
    private final Server server;
    private final GroupRegistry groups;
    private final EventLoops loops;
    private final Pulse pulse;
    private final ScheduledExecutorService timer;
    private boolean isSilenceLogged; // on the watchdog's thread

    private ServiceReports(ServiceManager manager, Server server, GroupRegistry groups, EventLoops loops) {
        this.manager = manager;
        this.server = server;
        this.groups = groups;
        this.loops = loops;
        this.pulse = new Pulse(this::watched);
        // Two, since the status may wait for an endpoint that starts.
        this.timer = Executors.newScheduledThreadPool(
                2, Thread.ofPlatform().name("service-manager-", 0).daemon().factory());
    }

    /** Report that the forwarder is ready, and go on reporting. */
    public static ServiceReports start(ServiceManager manager, Server server, GroupRegistry groups, EventLoops loops) {
        var reports = new ServiceReports(manager, server, groups, loops);
        if (manager.listens()) {
            manager.status(reports.status());
            manager.ready();
            reports.repeat(STATUS_INTERVAL, () -> manager.status(reports.status()));
            manager.watchdog().ifPresent(limit -> reports.repeat(limit.dividedBy(LOOKS), () -> reports.look(limit)));
        }
        return reports;
    }

    private void repeat(Duration interval, Runnable report) {
        timer.scheduleAtFixedRate(() -> guarded(report), 0, interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Run the report, and treat its exceptions as uncaught, since the timer would hide them. */
    private static void guarded(Runnable report) {
        try {
            report.run();
        } catch (RuntimeException | Error e) {
            FatalErrors.uncaught(Thread.currentThread(), e);
        }
    }

    private Set<Owner> watched() {
        return Stream.concat(loops.all().stream(), groups.ownersThatNeverHang()).collect(Collectors.toSet());
    }

    private void look(Duration limit) {
        var silent = pulse.silent();
        if (silent.isEmpty()) {
            isSilenceLogged = false;
            manager.alive();
        } else if (!isSilenceLogged) {
            isSilenceLogged = true;
            LOG.log(
                    Level.WARNING,
                    "{0} does not turn; the service manager restarts the forwarder if that lasts for {1}",
                    String.join(", ", silent),
                    Values.shown(limit));
        }
    }

    private String status() {
        var running = server.running();
        long members = running.stream()
                .mapToLong(hosted -> hosted.context().counters().get(Counter.MEMBERS))
                .sum();
        return (server.isStopping() ? "stopping: " : "")
                + members
                + (members == 1 ? " member in " : " members in ")
                + groups.size()
                + (groups.size() == 1 ? " group; " : " groups; ")
                + running.stream().map(ServiceReports::shown).collect(Collectors.joining(", "));
    }

    private static String shown(HostedEndpoint hosted) {
        return hosted.name()
                + hosted.endpoint().localAddresses().stream()
                        .map(address -> " " + Addresses.shown(address))
                        .collect(Collectors.joining());
    }

    /** End the reports. */
    @Override
    public void close() {
        timer.shutdownNow();
        manager.close();
    }
}
