package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.admin.AdminEndpoint;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.logging.RefusalLog;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.server.Current;
import dev.socketforwarder.runtime.server.PluginReload;
import dev.socketforwarder.runtime.server.Reload;
import dev.socketforwarder.runtime.server.Server;
import dev.socketforwarder.runtime.server.ServiceReports;
import dev.socketforwarder.runtime.server.Setup;
import dev.socketforwarder.runtime.server.StartException;
import dev.socketforwarder.runtime.server.StopSignals;
import dev.socketforwarder.runtime.server.Totals;
import dev.socketforwarder.runtime.service.ServiceManager;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;

/** Runs the forwarder until a signal ends it. */
final class RunCommand {
    private static final Logger LOG = System.getLogger(RunCommand.class.getName());

    /** How much longer than its limits a stop may take. */
    private static final Duration MARGIN = Duration.ofSeconds(5);

    private RunCommand() {}

    /** The running forwarder. Keeps no reference to endpoints or plugins, which a reload may replace. */
    private record Running(
            Server server,
            StopSignals signals,
            Totals totals,
            Current current,
            ServiceManager manager,
            ServiceReports reports,
            RefusalLog refusals,
            GroupRegistry groups,
            Observation observation)
            implements AutoCloseable {
        @Override
        public void close() {
            observation.close();
            reports.close();
            refusals.close();
            groups.close();
        }
    }

    static int run(Inputs inputs, Plugins plugins, String home, PrintStream out) throws InterruptedException {
        try (var running = start(inputs, home, Setup.of(inputs, plugins), out)) {
            running.signals().await();
            var options = running.current().options();
            running.manager()
                    .stopping(options.preStopDelay().plus(options.gracePeriod()).plus(MARGIN));
            running.signals().linger(options.preStopDelay());
            running.server().stop(options.gracePeriod());
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

    /** Tell somebody at a terminal what to do now. Elsewhere there are only log lines. */
    private static void welcome(Setup setup, Server server, PrintStream out) {
        if (setup.options().logFormat() == LogFormat.TEXT && Welcome.isWanted()) {
            Logging.drain(); // so that earlier log lines appear before
            new Welcome(setup.configuration(), server.running(), setup.admin()).print(out);
        }
    }

    private static Running start(Inputs inputs, String home, Setup setup, PrintStream out) throws StartException {
        try {
            LOG.log(Level.INFO, opening(inputs));
            setup.logNotices();
            setup.requireEndpoint();
            setup.load();
            // Installed before the start: a signal during the start stops whatever has started by then.
            var signals = StopSignals.install();
            var manager = ServiceManager.of(
                    inputs.environment(), ProcessHandle.current().pid());
            var current = new Current(setup);
            var history = Observation.remember(setup, current);
            var server = new Server(setup.endpoints().hosted(), System::nanoTime, signals::isAsked);
            try {
                server.start();
            } finally {
                setup.shared().inheritance().sockets().nameUnused();
            }
            var groups = setup.groups();
            new PluginReload(setup, current, server).start();
            var admin = new AdminEndpoint();
            var reload = new Reload(inputs, current, server, admin, manager);
            var observation = Observation.start(inputs, home, setup, current, server, signals, reload, admin, history);
            signals.onHangup(reload::reload);
            var totals = new Totals(() -> server.counters(groups)).onSignal();
            LOG.log(Level.INFO, "ready");
            welcome(setup, server, out);
            var reports = ServiceReports.start(
                    manager, server, setup.groups(), setup.shared().loops());
            return new Running(
                    server, signals, totals, current, manager, reports, setup.refusals(), setup.groups(), observation);
        } catch (StartException | RuntimeException | Error e) {
            setup.close();
            throw e;
        }
    }
}
