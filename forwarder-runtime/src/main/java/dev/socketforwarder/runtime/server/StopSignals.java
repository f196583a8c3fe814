package dev.socketforwarder.runtime.server;

import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.process.ExitCode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import sun.misc.Signal;

/**
 * SIGTERM, SIGINT and SIGHUP: the first asks for the orderly stop, another one ends the process at once. One right after the
 * first is the same request told twice, as {@code timeout} and terminals do that signal both a process and its group.
 *
 * <p>A shutdown hook would not do: while one runs, the JVM hears no second signal, and it ends with the signal's code.
 */
public final class StopSignals {
    private static final Logger LOG = System.getLogger(StopSignals.class.getName());

    private static final long SAME_WISH_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private volatile long askedNs;
    private final CountDownLatch asked = new CountDownLatch(1);

    private StopSignals() {}

    /** Listen to them from here on. */
    public static StopSignals install() {
        var signals = new StopSignals();
        signals.handle("TERM");
        signals.handle("INT");
        signals.handle("HUP");
        return signals;
    }

    private void handle(String name) {
        try {
            // One that the process was started to ignore, as by nohup, stays ignored: the JVM sees to that.
            Signal.handle(new Signal(name), this::received);
        } catch (IllegalArgumentException e) {
            // The JVM was told to leave signals alone (-Xrs): then they end the process, as always.
            LOG.log(Level.WARNING, "SIG" + name + " cannot be handled and will end the process at once: " + e);
        }
    }

    /** Ask for the orderly stop, as the first signal does. */
    public void ask() {
        askedNs = System.nanoTime();
        asked.countDown();
    }

    private void received(Signal signal) {
        if (asked.getCount() == 0) {
            if (System.nanoTime() - askedNs < SAME_WISH_NS) {
                return;
            }
            LOG.log(Level.WARNING, "SIG" + signal.getName() + " came again: ends without the rest of the stop");
            Logging.drain();
            Runtime.getRuntime().halt(ExitCode.SIGNAL + signal.getNumber());
        }
        LOG.log(Level.INFO, "SIG" + signal.getName() + " received: stopping");
        askedNs = System.nanoTime();
        asked.countDown();
    }

    /** {@return whether one has come} */
    public boolean isAsked() {
        return asked.getCount() == 0;
    }

    /** Wait for the first signal. */
    public void await() throws InterruptedException {
        asked.await();
    }

    /** {@return whether one came within this time} */
    boolean await(long time, TimeUnit unit) throws InterruptedException {
        return asked.await(time, unit);
    }
}
