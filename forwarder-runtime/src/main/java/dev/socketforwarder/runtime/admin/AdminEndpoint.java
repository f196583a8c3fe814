package dev.socketforwarder.runtime.admin;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.monitor.Monitor;
import dev.socketforwarder.runtime.tls.EndpointTls;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The admin endpoint as the configuration has it now: a reload opens it, moves it, changes its rules, or closes it. Thread-safe.
 */
public final class AdminEndpoint implements AutoCloseable {
    private static final Logger LOG = System.getLogger(AdminEndpoint.class.getName());

    /** How long a server that was told to stop may take to free its address. */
    private static final Duration LONGEST_RELEASE = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofMillis(10);

    /** What is in force. */
    private record State(Optional<AdminSettings> settings, Optional<AdminServer> server, Sessions sessions) {}

    /**
     * A change that is not final yet. Exactly one of the two must be called, once.
     *
     * @param keep has the change hold from now on
     * @param undo goes on as before the change
     */
    public record Change(Runnable keep, Runnable undo) {}

    // Guarded by this.
    private Monitor monitor; // null until the start
    private Function<List<String>, Metrics> metrics;
    private boolean takesOver; // only during the start
    private State state = new State(Optional.empty(), Optional.empty(), sessions(Optional.empty()));

    /**
     * Start the endpoint, if there is to be one.
     *
     * @param metricsOf makes the metrics, in which the given groups have some of their own
     * @param waits whether to wait, while the address is in use, for a process that is about to stop
     * @throws IOException if the address cannot be bound; the message tells which one
     * @throws SettingException if the certificate cannot be used
     */
    public synchronized void start(
            Optional<AdminSettings> settings,
            Monitor ofProcess,
            Function<List<String>, Metrics> metricsOf,
            boolean waits)
            throws IOException {
        monitor = ofProcess;
        metrics = metricsOf;
        takesOver = waits;
        change(settings).keep().run();
        takesOver = false;
    }

    /**
     * Change the endpoint. A new address is bound before the old one is closed, unless one would keep the other from being bound:
     * then clients are refused for a moment. Requests that came before the change are answered.
     *
     * @throws IOException if the address cannot be bound; then nothing has changed
     * @throws SettingException if the certificate cannot be used; then nothing has changed
     */
    public synchronized Change change(Optional<AdminSettings> wanted) throws IOException {
        var before = state;
        var sessions = tokenOf(wanted).equals(tokenOf(before.settings)) ? before.sessions : sessions(tokenOf(wanted));
        if (wanted.isEmpty() || before.settings.isEmpty()) {
            return wanted.equals(before.settings) ? new Change(() -> {}, () -> {}) : moved(wanted, sessions);
        }
        var now = wanted.get();
        var then = before.settings.get();
        if (now.isServedLike(then)) {
            return now.isRuledLike(then) ? new Change(() -> {}, () -> {}) : ruled(now, sessions);
        }
        return now.isInTheWayOf(then) ? replaced(now, sessions) : moved(wanted, sessions);
    }

    private static Optional<String> tokenOf(Optional<AdminSettings> settings) {
        return settings.flatMap(AdminSettings::token);
    }

    private static Sessions sessions(Optional<String> token) {
        return new Sessions(token, System::nanoTime);
    }

    /** Have the same server answer by other rules. */
    private Change ruled(AdminSettings wanted, Sessions sessions) {
        var next = new State(Optional.of(wanted), state.server, sessions);
        var handler = handler(wanted, sessions);
        return new Change(() -> adopt(next, server -> server.adopt(handler)), () -> {});
    }

    /** Open another server, or none, before the old one is closed. */
    private Change moved(Optional<AdminSettings> wanted, Sessions sessions) throws IOException {
        var fresh = Optional.<AdminServer>empty();
        if (wanted.isPresent()) {
            fresh = Optional.of(open(wanted.get(), wanted.get().loadTls(), sessions));
        } else {
            LOG.log(Level.INFO, AdminServer.NAME + " is not configured any more, and stops");
        }
        var next = new State(wanted, fresh, sessions);
        return new Change(
                () -> adopt(next, AdminServer::retire), () -> next.server().ifPresent(AdminServer::close));
    }

    /** Open another server after the old one has given up the address that both need. */
    private Change replaced(AdminSettings wanted, Sessions sessions) throws IOException {
        var before = state;
        var tls = wanted.loadTls();
        before.server.ifPresent(AdminServer::retire);
        try {
            var fresh = openPatiently(wanted, tls, sessions);
            state = new State(Optional.of(wanted), Optional.of(fresh), sessions);
            return new Change(() -> {}, () -> {
                fresh.retire();
                goBack(before);
            });
        } catch (IOException e) {
            goBack(before);
            throw e;
        }
    }

    private synchronized void adopt(State next, Consumer<AdminServer> beforeIt) {
        state.server.ifPresent(beforeIt);
        state = next;
    }

    private synchronized void goBack(State before) {
        var settings = before.settings.orElseThrow();
        try {
            var again = openPatiently(settings, settings.loadTls(), before.sessions);
            state = new State(before.settings, Optional.of(again), before.sessions);
        } catch (IOException | SettingException e) {
            LOG.log(Level.ERROR, AdminServer.NAME + " does not run any more: " + e.getMessage());
            state = new State(Optional.empty(), Optional.empty(), before.sessions);
        }
    }

    private AdminServer openPatiently(AdminSettings settings, Optional<EndpointTls> tls, Sessions sessions)
            throws IOException {
        long endNs = System.nanoTime() + LONGEST_RELEASE.toNanos();
        while (true) {
            try {
                return open(settings, tls, sessions);
            } catch (IOException e) {
                if (System.nanoTime() - endNs > 0) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private AdminServer open(AdminSettings settings, Optional<EndpointTls> tls, Sessions sessions) throws IOException {
        return AdminServer.start(settings, tls, handler(settings, sessions), takesOver);
    }

    private AdminHandler handler(AdminSettings settings, Sessions sessions) {
        return new AdminHandler(
                monitor, metrics.apply(settings.metricsGroups()), new Guard(settings.hosts(), sessions), sessions);
    }

    /** {@return where the endpoint listens; it must listen} */
    synchronized InetSocketAddress address() {
        return state.server.orElseThrow().address();
    }

    @Override
    public synchronized void close() {
        state.server.ifPresent(AdminServer::close);
    }
}
