package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.runtime.Endpoints.Open;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Starts all endpoints or none, and stops them together: first all of them take in what the kernel still holds, then all
 * flush. Its {@link #start} and {@link #stop} are called once each, in this order.
 */
final class Server {
    private static final Logger LOG = System.getLogger(Server.class.getName());

    // A plugin that overruns its limit is given up after this.
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private static final Duration LONGEST_START = Duration.ofSeconds(30);

    private final List<Open> endpoints;
    private final LongSupplier nanoClock;
    private final BooleanSupplier isStopped;
    private final List<Open> started = new ArrayList<>();

    Server(List<Open> endpoints, LongSupplier nanoClock) {
        this(endpoints, nanoClock, () -> false);
    }

    /** Make the same; {@code isStopped} tells whether the stop is asked for while it starts. */
    Server(List<Open> endpoints, LongSupplier nanoClock, BooleanSupplier isStopped) {
        this.isStopped = isStopped;
        this.endpoints = List.copyOf(endpoints);
        this.nanoClock = nanoClock;
    }

    /**
     * Start every endpoint.
     *
     * @throws StartException if one cannot; none runs then
     */
    synchronized void start() throws StartException {
        for (var open : endpoints) {
            try {
                begin(open);
            } catch (StartException e) {
                throw rollBack(e);
            }
        }
        endpoints.forEach(Server::tellAddresses);
    }

    /** {@return the endpoints that run} */
    synchronized List<Open> running() {
        return List.copyOf(started);
    }

    /**
     * Stop one endpoint, and start another in its place.
     *
     * @throws StartException if that cannot start; neither runs then
     */
    synchronized void replace(Open old, Open fresh, Duration grace) throws StartException {
        if (!started.remove(old)) {
            return; // stopped meanwhile, as all are
        }
        stop(List.of(old), grace);
        add(fresh);
    }

    /**
     * Start one more.
     *
     * @throws StartException if it cannot start
     */
    synchronized void add(Open fresh) throws StartException {
        try {
            begin(fresh);
        } catch (StartException e) {
            started.remove(fresh);
            end(fresh, e);
            throw e;
        }
        tellAddresses(fresh);
    }

    private static void tellAddresses(Open open) {
        for (var address : open.endpoint().localAddresses()) {
            LOG.log(Level.INFO, open.name() + " listening on " + Addresses.shown(address));
        }
    }

    private void begin(Open open) throws StartException {
        // One that fails is stopped too: it may have begun.
        started.add(open);
        try {
            start(open);
        } catch (IOException e) {
            throw new StartException(message(open, e), e);
        } catch (RuntimeException | Error e) {
            FatalErrors.rethrow(e);
            throw new StartException(
                    open.name() + " cannot start: transport " + open.transport().describe() + " failed: "
                            + PluginFaults.ofCode(e),
                    e);
        }
    }

    private void start(Open open) throws IOException {
        if (!open.transport().isForeign() && !open.context().mayAskForeign()) {
            open.context().prepare();
            open.endpoint().start();
            return;
        }
        try {
            Patience.call(open.name() + "-start", LONGEST_START, isStopped, () -> {
                open.context().prepare();
                open.endpoint().start();
                return null;
            });
        } catch (TimeoutException _) {
            throw new IOException("transport " + open.transport().describe() + " does not return"
                    + (isStopped.getAsBoolean()
                            ? ", and the stop does not wait for it"
                            : " within " + Values.shown(LONGEST_START)));
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private static String message(Open open, IOException e) {
        var message = e.getMessage() == null ? e.toString() : e.getMessage();
        return message.startsWith(open.name() + " ") ? message : open.name() + " cannot start: " + message;
    }

    private StartException rollBack(StartException failure) {
        started.reversed().forEach(open -> end(open, failure));
        started.clear();
        return failure;
    }

    private void end(Open open, StartException failure) {
        try {
            if (open.transport().isForeign()) {
                Patience.call(
                        open.name() + "-stop",
                        PATIENCE,
                        isStopped,
                        () -> open.endpoint().stop(Duration.ZERO));
            } else {
                open.endpoint().stop(Duration.ZERO);
            }
        } catch (ExecutionException e) {
            failure.addSuppressed(e.getCause());
        } catch (RuntimeException | Error | TimeoutException e) {
            failure.addSuppressed(e);
        }
        open.context().close();
    }

    /**
     * Deliver what was read, as far as the time allows, and stop.
     *
     * @return what could not be delivered
     */
    synchronized Unsent stop(Duration grace) {
        var unsent = stop(started, grace);
        started.clear();
        if (unsent.members() == 0 && unsent.bytes() == 0) {
            LOG.log(Level.INFO, "stopped; everything was delivered");
        } else {
            LOG.log(
                    Level.WARNING,
                    "stopped; " + unsent.members() + " members missed " + unsent.bytes() + " bytes that could not be"
                            + " delivered within the grace period of " + Values.shown(grace));
        }
        return unsent;
    }

    private Unsent stop(List<Open> some, Duration grace) {
        long deadlineNs = nanoClock.getAsLong() + grace.toNanos();
        // Reading on may take half of it: flushing needs time too.
        var reading = grace.dividedBy(2);
        onAll(some, "quiesce", reading, open -> {
            open.endpoint().quiesce(reading);
            return Unsent.NONE;
        });
        var flushing = Duration.ofNanos(Math.max(0, deadlineNs - nanoClock.getAsLong()));
        var unsent = onAll(some, "stop", flushing, open -> open.endpoint().stop(flushing));
        some.forEach(open -> open.context().close());
        return unsent;
    }

    @FunctionalInterface
    private interface Step {
        Unsent apply(Open open);
    }

    private Unsent onAll(List<Open> some, String what, Duration limit, Step step) {
        long deadlineNs = nanoClock.getAsLong() + limit.plus(PATIENCE).toNanos();
        var total = Unsent.NONE;
        record Running(Open open, Future<Unsent> result) {}
        var all = new ArrayList<Running>();
        for (var open : some) {
            var task = new FutureTask<>(() -> step.apply(open));
            // A plugin that spins must not have one of the few threads that carry the virtual ones.
            (open.transport().isForeign() ? Thread.ofPlatform().daemon() : Thread.ofVirtual()).start(task);
            all.add(new Running(open, task));
        }
        for (var running : all) {
            total = total.plus(await(what, running.open(), running.result(), deadlineNs));
        }
        return total;
    }

    private Unsent await(String what, Open open, Future<Unsent> result, long deadlineNs) {
        var failed = open.name() + " failed to " + what + ": transport "
                + open.transport().describe();
        try {
            return result.get(Math.max(0, deadlineNs - nanoClock.getAsLong()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (FatalErrors.isOutOfMemory(e)) {
                throw new OutOfMemoryError("while stopping " + open.name());
            }
            LOG.log(Level.WARNING, failed, e.getCause());
        } catch (TimeoutException _) {
            LOG.log(Level.WARNING, failed + " does not return in time");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return Unsent.NONE;
    }
}
