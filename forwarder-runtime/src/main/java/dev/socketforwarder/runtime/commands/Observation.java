package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.api.kit.Glob;
import dev.socketforwarder.runtime.admin.AdminEndpoint;
import dev.socketforwarder.runtime.admin.ForwarderMetrics;
import dev.socketforwarder.runtime.admin.Metrics;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.control.ControlPath;
import dev.socketforwarder.runtime.control.ControlServer;
import dev.socketforwarder.runtime.monitor.History;
import dev.socketforwarder.runtime.monitor.JoinLog;
import dev.socketforwarder.runtime.monitor.Monitor;
import dev.socketforwarder.runtime.monitor.Sampler;
import dev.socketforwarder.runtime.monitor.Subject;
import dev.socketforwarder.runtime.process.FatalErrors;
import dev.socketforwarder.runtime.process.HeapGarbage;
import dev.socketforwarder.runtime.server.Current;
import dev.socketforwarder.runtime.server.Reload;
import dev.socketforwarder.runtime.server.Server;
import dev.socketforwarder.runtime.server.Setup;
import dev.socketforwarder.runtime.server.StartException;
import dev.socketforwarder.runtime.server.StopSignals;
import dev.socketforwarder.runtime.streams.loop.LongTurns;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Makes the running process observable by samples, a history and the control socket. */
record Observation(ScheduledExecutorService timer, Optional<ControlServer> control, AdminEndpoint admin)
        implements AutoCloseable {

    /** Start the history of events. Called before the server starts. */
    static History remember(Setup setup, Current current) {
        var history = new History(InstantSource.system());
        setup.groups().listener(new JoinLog(() -> current.options().logJoins(), history));
        setup.refusals().listener(history);
        return history;
    }

    /** Start the samples and open the control socket. Called once the server has started. */
    static Observation start(
            Inputs inputs,
            String home,
            Setup setup,
            Current current,
            Server server,
            StopSignals signals,
            Reload reload,
            AdminEndpoint admin,
            History history)
            throws StartException {
        var clock = InstantSource.system();
        var subject = new Subject(
                CliSpec.version(),
                clock.instant(),
                inputs.files().stream().findFirst().map(Path::toAbsolutePath).map(Path::normalize),
                current::configuration,
                server::serving,
                setup.groups(),
                () -> current.options().tappable().stream().map(Glob::new).toList(),
                setup.shared().connections(),
                setup.shared().loops(),
                server::isStopping,
                signals::ask,
                reload::reload,
                reload::preview,
                reload::reloads);
        var sampler = new Sampler(subject, clock, System::nanoTime);
        var timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("monitor").daemon().factory());
        long intervalMs = Sampler.INTERVAL.toMillis();
        timer.scheduleAtFixedRate(() -> guarded(sampler::sample), 0, intervalMs, TimeUnit.MILLISECONDS);
        var turns = new LongTurns(setup.shared().loops(), System::nanoTime);
        timer.scheduleAtFixedRate(() -> guarded(turns::look), intervalMs, intervalMs, TimeUnit.MILLISECONDS);
        var garbage = HeapGarbage.ofProcess();
        timer.scheduleAtFixedRate(() -> guarded(garbage::look), intervalMs, intervalMs, TimeUnit.MILLISECONDS);
        var monitor = new Monitor(subject, sampler, history, clock);
        var where = new ControlPath(setup.options().controlSocket(), home, inputs.environment());
        try {
            boolean takesOver = setup.options().reusePort();
            admin.start(
                    setup.admin(),
                    monitor,
                    groups -> new Metrics(new ForwarderMetrics(subject, sampler, groups)),
                    takesOver);
            return new Observation(timer, ControlServer.start(where, monitor, takesOver), admin);
        } catch (IOException e) {
            timer.shutdownNow();
            throw new StartException(e.getMessage(), e);
        }
    }

    /** Run the task, and treat its exceptions as uncaught. An executor would hide an exception and never run the task again. */
    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            FatalErrors.uncaught(Thread.currentThread(), e);
        }
    }

    @Override
    public void close() {
        admin.close();
        control.ifPresent(ControlServer::close);
        timer.shutdownNow();
    }
}
