package dev.socketforwarder.runtime;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Forwards, until a signal ends it. */
final class RunCommand {
    private static final Logger LOG = System.getLogger(RunCommand.class.getName());

    private RunCommand() {}

    static int run(Inputs inputs, Plugins plugins) throws InterruptedException {
        try (var prepared = Prepared.of(inputs, plugins)) {
            prepared.logNotices();
            prepared.requireEndpoint();
            prepared.load();
            // Before the start: a signal in the middle of it stops what has been started.
            var signals = StopSignals.install();
            var server = new Server(prepared.endpoints().open(), System::nanoTime, signals::isAsked);
            try {
                server.start();
            } catch (StartException e) {
                if (e.getCause() instanceof IOException) {
                    LOG.log(Level.ERROR, e.getMessage());
                    LOG.log(Level.DEBUG, "where it came from", e);
                } else {
                    LOG.log(Level.ERROR, e.getMessage(), e);
                }
                return ExitCode.FAILED;
            }
            var totals = new Totals(prepared.counters()).onSignal();
            new PluginReload(prepared, server).start();
            signals.await();
            server.stop(prepared.options().gracePeriod());
            totals.log();
            return ExitCode.OK;
        }
    }
}
