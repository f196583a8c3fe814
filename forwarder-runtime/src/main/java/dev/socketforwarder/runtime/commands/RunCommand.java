package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.logging.RefusalLog;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.server.PluginReload;
import dev.socketforwarder.runtime.server.Server;
import dev.socketforwarder.runtime.server.ServerOptions;
import dev.socketforwarder.runtime.server.Setup;
import dev.socketforwarder.runtime.server.StartException;
import dev.socketforwarder.runtime.server.StopSignals;
import dev.socketforwarder.runtime.server.Totals;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Runs the forwarder until a signal ends it. */
final class RunCommand {
    private static final Logger LOG = System.getLogger(RunCommand.class.getName());

    private RunCommand() {}

    /** The running forwarder. Keeps no reference to endpoints or plugins, which a reload may replace. */
    private record Running(
            Server server,
            StopSignals signals,
            Totals totals,
            ServerOptions options,
            RefusalLog refusals,
            GroupRegistry groups,
            Observation observation)
            implements AutoCloseable {
        @Override
        public void close() {
            observation.close();
            refusals.close();
            groups.close();
        }
    }

    static int run(Inputs inputs, Plugins plugins, String home) throws InterruptedException {
        try (var running = start(inputs, home, Setup.of(inputs, plugins))) {
            running.signals().await();
            running.signals().linger(running.options().preStopDelay());
            running.server().stop(running.options().gracePeriod());
            running.totals().log();
            return ExitCode.OK;
        } catch (StartException e) {
            if (e.getCause() instanceof IOException) {
                LOG.log(Level.ERROR, e.getMessage());
                LOG.log(Level.DEBUG, "the origin of this failure", e);
            } else {
                LOG.log(Level.ERROR, e.getMessage(), e);
            }
            return ExitCode.FAILED;
        }
    }

    private static String opening(Inputs inputs) {
        var files = inputs.files().stream()
                .map(file -> Printable.line(file.toAbsolutePath().normalize().toString()))
                .findFirst();
        return "socketforwarder " + CliSpec.version() + ", pid "
                + ProcessHandle.current().pid() + ", "
                + files.map(file -> "configuration " + file).orElse("no configuration file");
    }

    private static Running start(Inputs inputs, String home, Setup setup) throws StartException {
        try {
            LOG.log(Level.INFO, opening(inputs));
            setup.logNotices();
            setup.requireEndpoint();
            setup.load();
            // Installed before the start: a signal during the start stops whatever has started by then.
            var signals = StopSignals.install();
            var history = Observation.remember(setup);
            var server = new Server(setup.endpoints().hosted(), System::nanoTime, signals::isAsked);
            try {
                server.start();
            } finally {
                setup.shared().inheritance().sockets().closeUnused();
            }
            new PluginReload(setup, server).start();
            var observation = Observation.start(inputs, home, setup, server, signals, history);
            var totals = new Totals(setup.counters()).onSignal();
            LOG.log(Level.INFO, "ready");
            return new Running(
                    server,
                    signals,
                    totals,
                    setup.options(),
                    setup.refusals(),
                    setup.groups(),
                    observation);
        } catch (StartException | RuntimeException | Error e) {
            setup.close();
            throw e;
        }
    }
}
