package dev.socketforwarder.runtime.logging;

import java.io.FileOutputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.AbstractConfiguration;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;

/**
 * Sets up log4j-core, which is behind {@link System.Logger}, in code: no file is looked for and no plugin is scanned,
 * which would take longer than all the rest of the start.
 */
public final class Logging {

    private static final Duration LONGEST_DRAIN = Duration.ofSeconds(1);

    // What is written before the process ends: the output of the last start.
    private static volatile Optional<QueuedOutput> queued = Optional.empty();

    private Logging() {}

    /** Say how log4j is to begin, and begin; before the first logger is asked for. */
    public static void prepare() {
        // Ours to end: what happens during the orderly stop is logged too.
        System.setProperty("log4j2.shutdownHookEnabled", "false");
        System.setProperty("log4j2.disableJmx", "true");
        System.setProperty("log4j2.contextSelector", "org.apache.logging.log4j.core.selector.BasicContextSelector");
        start(LogFormat.TEXT, LogOutput.STDERR, false);
    }

    /** Log as configured from here on; may be called again. */
    public static void start(LogFormat format, LogOutput output, boolean debug) {
        drain(); // before a line goes another way
        var before = queued;
        // Not System.out or System.err: they encode, lock and flush once more, and demo writes to them.
        var out = new FileOutputStream(output.descriptor());
        var queue = new QueuedOutput(out, lost -> LineAppender.lossLine(format, lost)).start();
        queued = Optional.of(queue);
        start(format, queue, debug);
        before.ifPresent(QueuedOutput::close);
    }

    /** Wait a moment until what was logged is written; before the process ends. */
    public static void drain() {
        queued.ifPresent(output -> output.drain(LONGEST_DRAIN));
    }

    public static void start(LogFormat format, OutputStream out, boolean debug) {
        var configuration = new InCode(new LineAppender(format, out), debug ? Level.DEBUG : Level.INFO);
        var context = Configurator.initialize(configuration);
        if (context.getConfiguration() != configuration) {
            context.reconfigure(configuration); // it had begun already
        }
    }

    private static final class InCode extends AbstractConfiguration {
        private final LineAppender appender;
        private final Level level;

        InCode(LineAppender appender, Level level) {
            super(null, ConfigurationSource.NULL_SOURCE);
            this.appender = appender;
            this.level = level;
            // Else log4j asks the name service for this machine's name, which may take half a minute.
            getProperties().put("hostName", "unknown");
        }

        /** Everything but the scan for plugins. */
        @Override
        public void initialize() {
            appender.start();
            addAppender(appender);
            getRootLogger().addAppender(appender, null, null);
            getRootLogger().setLevel(level);
            // The JDK explains its own doings at debug, with traces: not what somebody wants who debugs a forwarder.
            addLogger("java", new LoggerConfig("java", Level.INFO, true));
            setState(State.INITIALIZED);
        }
    }
}
