package dev.socketforwarder.runtime.server;

import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.text.Values;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Handles SIGTERM and SIGINT. The first signal requests the orderly stop, and a later one ends the process at once. A signal
 * right after the first is taken for the same request, since {@code timeout} and terminals signal both a process and its group.
 * SIGHUP never stops the process: it runs an action, once there is one.
 *
 * <p>A shutdown hook would not do: while a hook runs, the JVM handles no second signal, and the exit code is the signal's.
 */
public final class StopSignals {
    private static final Logger LOG = System.getLogger(StopSignals.class.getName());

    private static final long SAME_WISH_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final String HANGUP = "HUP";

    private volatile Runnable hangup; // null: the forwarder starts
    private volatile long askedNs;
    private final CountDownLatch asked = new CountDownLatch(1);

    private final CountDownLatch hurried = new CountDownLatch(1);
    private volatile boolean lingers;

    private StopSignals() {}

    /** Handle the signals from now on. */
    public static StopSignals install() {
        var signals = new StopSignals();
        handle("TERM", signals::received);
        handle("INT", signals::received);
        handle(HANGUP, signals::hungUp);
        return signals;
    }

    private static void handle(String name, SignalHandler handler) {
        try {
            // The JVM goes on ignoring a signal that the process was started to ignore, as by nohup.
            Signal.handle(new Signal(name), handler);
        } catch (IllegalArgumentException e) {
            // With -Xrs the JVM leaves signals alone, so they end the process.
            LOG.log(Level.WARNING, "SIG" + name + " cannot be handled and will end the process at once: " + e);
        }
    }

    /** Request the orderly stop, as the first signal does. */
    public void ask() {
        askedNs = System.nanoTime();
        asked.countDown();
    }

    /** Run this at SIGHUP from now on. */
    public void onHangup(Runnable action) {
        hangup = action;
    }

    private void hungUp(Signal signal) {
        var action = hangup;
        if (action == null) {
            LOG.log(Level.INFO, "SIGHUP received: ignored, since the configuration has just been read");
        } else {
            action.run();
        }
    }

    private void received(Signal signal) {
        if (asked.getCount() == 0) {
            if (System.nanoTime() - askedNs < SAME_WISH_NS) {
                return;
            }
            if (lingers) {
                LOG.log(Level.INFO, "SIG" + signal.getName() + " received again: skipping the rest of pre-stop-delay");
                hurried.countDown();
                return;
            }
            LOG.log(
                    Level.WARNING,
                    "SIG" + signal.getName() + " received again: ending at once, without the rest of the stop");
            Logging.drain();
            Runtime.getRuntime().halt(ExitCode.SIGNAL + signal.getNumber());
        }
        LOG.log(Level.INFO, "SIG" + signal.getName() + " received: stopping");
        askedNs = System.nanoTime();
        asked.countDown();
    }

    /** {@return whether the stop is requested} */
    public boolean isAsked() {
        return asked.getCount() == 0;
    }

    /** Wait for the first signal. */
    public void await() throws InterruptedException {
        asked.await();
    }

    /** Let everything go on for this time once the stop is requested. Another signal ends the wait. */
    public void linger(Duration time) throws InterruptedException {
        if (time.isZero()) {
            return;
        }
        LOG.log(
                Level.INFO,
                "everything goes on for " + Values.shown(time) + " (pre-stop-delay); another signal skips that");
        lingers = true;
        hurried.await(time.toNanos(), TimeUnit.NANOSECONDS);
        askedNs = System.nanoTime(); // a signal that comes now is taken for the one that hurried
        lingers = false;
    }

    /** {@return whether the stop was requested within this time} */
    boolean await(long time, TimeUnit unit) throws InterruptedException {
        return asked.await(time, unit);
    }
}
