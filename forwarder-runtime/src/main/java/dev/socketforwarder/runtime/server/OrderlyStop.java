package dev.socketforwarder.runtime.server;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.process.FatalErrors;
import dev.socketforwarder.runtime.process.TimeLimit;
import dev.socketforwarder.runtime.text.Values;
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
import java.util.function.LongSupplier;

/**
 * Stops endpoints together: first all endpoints read what the kernel still holds, then all flush. The stop does not wait for
 * code of a plugin that does not return in time.
 */
public final class OrderlyStop {
    private static final Logger LOG = System.getLogger(OrderlyStop.class.getName());

    /** How long the stop waits for the ends of all loops, which plugins may hold up. */
    private static final Duration ENDING = Duration.ofMillis(200);

    /** After this time of delivering, an operator may want to know who holds up the stop. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final LongSupplier nanoClock;

    OrderlyStop(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    @FunctionalInterface
    private interface Step {
        Unsent apply(HostedEndpoint hosted);
    }

    private record Running(HostedEndpoint hosted, Future<Unsent> result) {
        boolean isDone() {
            return result.isDone();
        }

        String describe() {
            return hosted.name() + " (" + hosted.context().counters().get(Counter.MEMBERS) + " members)";
        }
    }

    /**
     * Stop these endpoints.
     *
     * @return what could not be delivered
     */
    Unsent stop(List<HostedEndpoint> some, Duration grace) {
        long deadlineNs = nanoClock.getAsLong() + grace.toNanos();
        // Reading may take half of the time, since flushing needs time too.
        var reading = grace.dividedBy(2);
        long readingUntilNs = nanoClock.getAsLong() + reading.toNanos();
        var quiescing = begin(some, hosted -> {
            hosted.endpoint().quiesce(reading);
            return Unsent.NONE;
        });
        await("quiesce", quiescing, readingUntilNs);
        // The next endpoint need not wait until this one has delivered everything.
        some.forEach(hosted -> hosted.context().giveBackSockets());
        var flushing = Duration.ofNanos(Math.max(0, deadlineNs - nanoClock.getAsLong()));
        var stopping = begin(some, hosted -> hosted.endpoint().stop(flushing));
        tellOfDelay(stopping, deadlineNs);
        var unsent = await("stop", stopping, deadlineNs);
        close(some);
        return unsent;
    }

    /** Log which endpoints have not ended after a while. */
    private void tellOfDelay(List<Running> stopping, long deadlineNs) {
        long tellAtNs = nanoClock.getAsLong() + PATIENCE.toNanos();
        if (deadlineNs - tellAtNs <= 0) {
            return;
        }
        for (var running : stopping) {
            try {
                running.result().get(Math.max(0, tellAtNs - nanoClock.getAsLong()), TimeUnit.NANOSECONDS);
            } catch (ExecutionException | TimeoutException _) {
                // Looked at below, and when the endpoint is awaited.
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        var late = stopping.stream()
                .filter(running -> !running.isDone())
                .map(Running::describe)
                .toList();
        if (!late.isEmpty()) {
            var left = Duration.ofNanos(Math.max(0, deadlineNs - nanoClock.getAsLong()));
            LOG.log(
                    Level.INFO,
                    "still delivering: " + String.join(", ", late) + "; for at most " + Values.rounded(left) + " more");
        }
    }

    /** Release what the contexts began, all at once, so that ten loops that hang take no longer than one. */
    void close(List<HostedEndpoint> some) {
        some.forEach(hosted -> hosted.context().close());
        long deadlineNs = nanoClock.getAsLong() + ENDING.toNanos();
        some.forEach(hosted -> hosted.context().awaitEnd(Duration.ofNanos(deadlineNs - nanoClock.getAsLong())));
    }

    /** Begin the step on all endpoints. */
    private static List<Running> begin(List<HostedEndpoint> some, Step step) {
        var all = new ArrayList<Running>();
        for (var hosted : some) {
            var task = new FutureTask<>(() -> step.apply(hosted));
            // A plugin that spins must not occupy one of the few threads that carry virtual threads.
            (hosted.transport().isForeign() ? Thread.ofPlatform().daemon() : Thread.ofVirtual()).start(task);
            all.add(new Running(hosted, task));
        }
        return all;
    }

    private Unsent await(String what, List<Running> all, long deadlineNs) {
        var total = Unsent.NONE;
        for (var running : all) {
            total = total.plus(await(what, running.hosted(), running.result(), deadlineNs));
        }
        return total;
    }

    /**
     * Wait for one endpoint, {@link TimeLimit#AT_STOP} longer than it should take, and log how it failed.
     *
     * @return what the endpoint could not deliver
     */
    Unsent await(String what, HostedEndpoint hosted, Future<Unsent> result, long deadlineNs) {
        var failed = hosted.name() + " failed to " + what + ": transport "
                + hosted.transport().describe();
        try {
            long leftNs = deadlineNs + TimeLimit.AT_STOP.toNanos() - nanoClock.getAsLong();
            return result.get(Math.max(0, leftNs), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (FatalErrors.isOutOfMemory(e)) {
                throw new OutOfMemoryError("while stopping " + hosted.name());
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
