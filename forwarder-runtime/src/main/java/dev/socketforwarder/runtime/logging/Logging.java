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
 * Sets up log4j-core, the backend of {@link System.Logger}, in code. Looking for configuration files and scanning for
 * plugins would take longer than the rest of the start.
 */
public final class Logging {

    private static final Duration LONGEST_DRAIN = Duration.ofSeconds(1);

    // The output of the last start, which drain waits for.
    private static volatile Optional<QueuedOutput> queued = Optional.empty();

    private Logging() {}

    /** Set up log4j and start it, before the first logger is requested. */
    public static void prepare() {
        // The process shuts log4j down itself, since it logs the orderly stop too.
        System.setProperty("log4j2.shutdownHookEnabled", "false");
        System.setProperty("log4j2.disableJmx", "true");
        System.setProperty("log4j2.contextSelector", "org.apache.logging.log4j.core.selector.BasicContextSelector");
        start(LogFormat.TEXT, LogOutput.STDERR, false);
    }

    /** Log as configured from now on. May be called again. */
    public static void start(LogFormat format, LogOutput output, boolean debug) {
        drain(); // before lines go elsewhere
        var before = queued;
        // System.out and System.err would encode, lock and flush once more, and demo writes to them.
        var out = new FileOutputStream(output.descriptor());
        var queue = new QueuedOutput(out, lost -> LineAppender.lossLine(format, lost)).start();
        queued = Optional.of(queue);
        start(format, queue, debug);
        before.ifPresent(QueuedOutput::close);
    }

    /** Wait briefly until the lines logged so far are written, before the process ends. */
    public static void drain() {
        queued.ifPresent(output -> output.drain(LONGEST_DRAIN));
    }

    /** {@return how many warnings and errors this process has logged, whoever logged them} */
    public static long warnings() {
        return LineAppender.warnings();
    }

    /** Log details from now on, or log them no more. */
    public static void debug(boolean debug) {
        Configurator.setRootLevel(debug ? Level.DEBUG : Level.INFO);
    }

    public static void start(LogFormat format, OutputStream out, boolean debug) {
        var configuration = new InCode(new LineAppender(format, out), debug ? Level.DEBUG : Level.INFO);
        var context = Configurator.initialize(configuration);
        if (context.getConfiguration() != configuration) {
            context.reconfigure(configuration); // log4j was running already
        }
    }

    private static final class InCode extends AbstractConfiguration {
        private final LineAppender appender;
        private final Level level;

        InCode(LineAppender appender, Level level) {
            super(null, ConfigurationSource.NULL_SOURCE);
            this.appender = appender;
            this.level = level;
            // Otherwise log4j asks the name service for this machine's name, which can take half a minute.
            getProperties().put("hostName", "unknown");
        }

        /** Do what the superclass does, except for the scan for plugins. */
        @Override
        public void initialize() {
            appender.start();
            addAppender(appender);
            getRootLogger().addAppender(appender, null, null);
            getRootLogger().setLevel(level);
            // The JDK logs its internals with traces at debug, which does not help to debug a forwarder.
            addLogger("java", new LoggerConfig("java", Level.INFO, true));
            addLogger("com.sun", new LoggerConfig("com.sun", Level.INFO, true));
            setState(State.INITIALIZED);
        }
    }
}
