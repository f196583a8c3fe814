package dev.socketforwarder.runtime.server;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.plugins.PluginFaults;
import dev.socketforwarder.runtime.process.TimeLimit;
import dev.socketforwarder.runtime.text.Addresses;
import dev.socketforwarder.runtime.text.Values;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Starts all endpoints or none, and stops them together. {@link #start} and {@link #stop} are called once each, in this
 * order.
 */
public final class Server {
    private static final Logger LOG = System.getLogger(Server.class.getName());

    private static final Duration LONGEST_START = Duration.ofSeconds(30);

    private final LongSupplier nanoClock;
    private final BooleanSupplier isStopped;
    private final OrderlyStop orderly;
    private volatile boolean stopping; // nothing starts any more

    // Guarded by this.
    private final List<HostedEndpoint> toStart;
    private final List<HostedEndpoint> started = new ArrayList<>();
    private final List<Leaving> leaving = new ArrayList<>();
    private List<HostedEndpoint> stopped = List.of();

    /** An endpoint that is being replaced. */
    private record Leaving(HostedEndpoint hosted, FutureTask<Unsent> stop) {}

    public Server(List<HostedEndpoint> endpoints, LongSupplier nanoClock) {
        this(endpoints, nanoClock, () -> false);
    }

    /** Make a server; {@code isStopped} tells whether the stop is requested while endpoints start. */
    public Server(List<HostedEndpoint> endpoints, LongSupplier nanoClock, BooleanSupplier isStopped) {
        this.isStopped = isStopped;
        this.toStart = new ArrayList<>(endpoints);
        this.nanoClock = nanoClock;
        this.orderly = new OrderlyStop(nanoClock);
    }

    /** {@return whether the stop is requested, or has begun} */
    public boolean isStopping() {
        return stopping || isStopped.getAsBoolean();
    }

    /**
     * Start every endpoint.
     *
     * @throws StartException if an endpoint cannot start; then no endpoint runs
     */
    public synchronized void start() throws StartException {
        for (var hosted : toStart) {
            try {
                begin(hosted);
            } catch (StartException e) {
                throw rollBack(e);
            }
        }
        toStart.forEach(Server::tellAddresses);
        toStart.clear(); // or the list would keep an endpoint that is replaced later
    }

    /** {@return the endpoints that run} */
    public synchronized List<HostedEndpoint> running() {
        return List.copyOf(started);
    }

    /** {@return the endpoints that may have members: those that run, and those that are being stopped} */
    public synchronized List<HostedEndpoint> serving() {
        var replaced = leaving.stream().map(Leaving::hosted);
        return Stream.of(started.stream(), replaced, stopped.stream())
                .flatMap(each -> each)
                .toList();
    }

    /** {@return the counters of each endpoint by its name, and what was dropped in groups} */
    public Map<String, Counters> counters(GroupRegistry groups) {
        var all = new LinkedHashMap<String, Counters>();
        serving()
                .forEach(hosted ->
                        all.putIfAbsent(hosted.name(), hosted.context().counters()));
        all.put("drops in groups", groups.counters()); // no endpoint has a blank in its name
        return all;
    }

    /**
     * Stop one endpoint, and start another in its place. Once all are to stop, do neither.
     *
     * @throws StartException if the other cannot start; then neither runs
     */
    void replace(HostedEndpoint old, HostedEndpoint fresh, Duration grace) throws StartException {
        remove(old, grace);
        add(fresh);
    }

    /** Stop one endpoint, whose members get what was sent to them. Once all are to stop, do nothing. */
    void remove(HostedEndpoint old, Duration grace) {
        var leaves = new Leaving(old, new FutureTask<>(() -> orderly.stop(List.of(old), grace)));
        synchronized (this) {
            if (stopping || !started.remove(old)) {
                return;
            }
            leaving.add(leaves);
        }
        // Without the lock, so that a stop of all endpoints can go on meanwhile.
        leaves.stop().run();
        var unsent = orderly.await("stop", old, leaves.stop(), nanoClock.getAsLong());
        synchronized (this) {
            leaving.remove(leaves);
        }
        old.context().leaveCounters();
        if (!stopping && !unsent.equals(Unsent.NONE)) {
            LOG.log(Level.WARNING, old.name() + " was stopped; " + missed(unsent, grace));
        }
    }

    /**
     * Start one more endpoint, unless all are to stop.
     *
     * @throws StartException if the endpoint cannot start
     */
    synchronized void add(HostedEndpoint fresh) throws StartException {
        if (stopping) {
            return;
        }
        begin(fresh);
        tellAddresses(fresh);
    }

    static void tellAddresses(HostedEndpoint hosted) {
        for (var address : hosted.endpoint().localAddresses()) {
            LOG.log(Level.INFO, hosted.name() + " listening on " + Addresses.shown(address));
        }
    }

    private void begin(HostedEndpoint hosted) throws StartException {
        try {
            start(hosted);
            started.add(hosted);
        } catch (TimeoutException e) {
            // The endpoint is stopped when its start returns.
            throw new StartException(
                    hosted.name() + " cannot start: transport "
                            + hosted.transport().describe() + " does not return"
                            + (isStopping()
                                    ? ", and the stop does not wait for it"
                                    : " within " + Values.shown(LONGEST_START)),
                    new IOException(e));
        } catch (IOException e) {
            throw ended(hosted, new StartException(message(hosted, e), e));
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            var message = hosted.name() + " cannot start: transport "
                    + hosted.transport().describe() + " failed: " + PluginFaults.ofCode(e);
            throw ended(hosted, new StartException(message, e));
        }
    }

    /** Stop an endpoint that failed to start, since it may have begun something. */
    private StartException ended(HostedEndpoint hosted, StartException failure) {
        end(hosted, failure);
        orderly.close(List.of(hosted));
        return failure;
    }

    private void start(HostedEndpoint hosted) throws IOException, TimeoutException {
        if (!hosted.transport().isForeign() && !hosted.context().mayAskForeign()) {
            hosted.context().prepare();
            hosted.endpoint().start();
            return;
        }
        try {
            Callable<Void> code = () -> {
                hosted.context().prepare();
                hosted.endpoint().start();
                return null;
            };
            TimeLimit.call(hosted.name() + "-start", LONGEST_START, this::isStopping, code, () -> endLate(hosted));
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    /** Stop an endpoint that started too late, so that it holds no port. */
    private void endLate(HostedEndpoint hosted) {
        try {
            hosted.endpoint().stop(Duration.ZERO);
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(Level.WARNING, hosted.name() + " started too late and cannot be stopped", e);
        }
        orderly.close(List.of(hosted));
    }

    private static String message(HostedEndpoint hosted, IOException e) {
        var message = e.getMessage() == null ? e.toString() : e.getMessage();
        return message.startsWith(hosted.name() + " ") ? message : hosted.name() + " cannot start: " + message;
    }

    private StartException rollBack(StartException failure) {
        started.reversed().forEach(hosted -> end(hosted, failure));
        orderly.close(started);
        started.clear();
        return failure;
    }

    private void end(HostedEndpoint hosted, StartException failure) {
        try {
            if (hosted.transport().isForeign()) {
                TimeLimit.call(
                        hosted.name() + "-stop",
                        TimeLimit.AT_STOP,
                        this::isStopping,
                        () -> hosted.endpoint().stop(Duration.ZERO));
            } else {
                hosted.endpoint().stop(Duration.ZERO);
            }
        } catch (ExecutionException e) {
            failure.addSuppressed(e.getCause());
        } catch (RuntimeException | Error | TimeoutException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Deliver what was read, as far as the time allows, and stop. A start or a replacement that is under way ends soon, and
     * delays no other endpoint.
     *
     * @return what could not be delivered
     */
    public Unsent stop(Duration grace) {
        stopping = true;
        long deadlineNs = nanoClock.getAsLong() + grace.toNanos();
        List<HostedEndpoint> all;
        List<Leaving> replaced;
        synchronized (this) {
            all = List.copyOf(started);
            started.clear();
            stopped = all;
            replaced = List.copyOf(leaving);
        }
        var unsent = orderly.stop(all, grace);
        for (var each : replaced) {
            unsent = unsent.plus(orderly.await("stop", each.hosted(), each.stop(), deadlineNs));
        }
        long unread = all.stream()
                .mapToLong(hosted -> hosted.context().counters().get(Reason.UNREAD))
                .sum();
        var delivered = unsent.equals(Unsent.NONE) ? "everything was delivered" : missed(unsent, grace);
        var thrownAway = unread == 0 ? "" : " (" + unread + " bytes that members still sent were thrown away unread)";
        boolean isAll = unsent.equals(Unsent.NONE) && unread == 0;
        LOG.log(isAll ? Level.INFO : Level.WARNING, "stopped; " + delivered + thrownAway);
        return unsent;
    }

    private static String missed(Unsent unsent, Duration grace) {
        return unsent.members() + " members missed " + unsent.bytes() + " bytes that could not be"
                + " delivered within the grace period of " + Values.shown(grace);
    }
}
