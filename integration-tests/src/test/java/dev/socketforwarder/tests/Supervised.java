package dev.socketforwarder.tests;

import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A forwarder that is started by the first traffic at sockets that stay open, and again whenever it has ended. {@link #close} kills
 * it, together with what plays the service manager.
 */
final class Supervised implements AutoCloseable {
    private static final Pattern PID = Pattern.compile(", pid ([0-9]+),");

    private final Process process;
    private final Lines err;
    private int runs;

    /** Start what {@link Launch#activated} has prepared, and wait until the sockets are open. */
    Supervised(Launch launch, int sockets) {
        process = launch.startProcess();
        err = Lines.of(process.getErrorStream());
        Lines.of(process.getInputStream());
        await(sockets, line -> line.startsWith("Listening on "), "the sockets");
    }

    private String await(int count, Predicate<String> wanted, String what) {
        return err.await(count, wanted, what, Forwarder.LIMIT);
    }

    /** {@return the log of all runs} */
    Lines err() {
        return err;
    }

    /** Wait until the next run is ready. */
    void awaitReady() {
        runs++;
        await(runs, line -> line.endsWith(" ready"), "ready, run " + runs);
    }

    /** End the present run; the next begins at once. */
    void endRun() {
        signal("TERM");
    }

    /** Send a signal to the present run, by the name of the signal. */
    void signal(String name) {
        var matcher = PID.matcher(await(runs, line -> PID.matcher(line).find(), "the process id of run " + runs));
        if (!matcher.find()) {
            throw new AssertionError("no process id");
        }
        Launch.signal(name, Long.parseLong(matcher.group(1)));
    }

    @Override
    public void close() {
        var running = process.descendants().toList();
        process.destroyForcibly(); // first, so that it starts no other
        running.forEach(ProcessHandle::destroyForcibly);
        Launch.awaitEnd(running);
    }
}
