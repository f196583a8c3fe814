package dev.socketforwarder.runtime.server;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.Compat;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.SettingsView;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.LogOutput;
import dev.socketforwarder.runtime.process.ConnectionRoom;
import dev.socketforwarder.runtime.process.DirectMemory;
import java.time.Duration;
import java.util.List;

/**
 * The settings of the process as a whole.
 *
 * @param debug log each connection
 * @param gracePeriod how long a stop may take to deliver what was read
 * @param preStopDelay how long everything goes on after the stop is requested
 * @param stateDirectory where endpoints keep their state between two runs; empty: where the environment says, if it does
 * @param eventLoops threads for work that can be spread
 * @param maxQueued bytes that all groups together may hold for members that lag, and of unfinished messages
 * @param connections the most connections at a time
 * @param logJoins log joins and leaves, without {@code debug} too
 * @param tappable patterns of the groups whose messages may be shown
 * @param controlSocket the path of the control socket; {@code off}: none; empty: at the usual place
 * @param groups the most groups at a time that peers have named; the own groups of endpoints do not count
 * @param reusePort another process of this user may take over the control socket and the port of the admin endpoint
 */
public record ServerOptions(
        boolean debug,
        LogFormat logFormat,
        LogOutput logOutput,
        Duration gracePeriod,
        Duration preStopDelay,
        String stateDirectory,
        int eventLoops,
        long maxQueued,
        int connections,
        int groups,
        boolean logJoins,
        List<String> tappable,
        String controlSocket,
        boolean reusePort) {

    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);
    private static final Duration LONGEST_GRACE = Duration.ofHours(1);
    private static final int MOST_LOOPS = 256;
    private static final int MOST_CONNECTIONS = 100_000_000;
    private static final int MOST_GROUPS = 10_000_000;
    private static final long SMALLEST_QUEUE = 1 << 20;
    private static final long OF_EACH_LOOP = 1 << 20;
    private static final long OF_ENDPOINTS = 16 << 20;

    /**
     * Read all settings of the process.
     *
     * @throws SettingException if a setting is wrong, or there is no room for connections
     */
    public static ServerOptions read(Configuration configuration) {
        return read(configuration.topLevel(), ConnectionRoom.ofProcess(configuration.mentionsInEndpoints(Keys.TLS)));
    }

    public static ServerOptions read(SettingsView settings, ConnectionRoom room) {
        return new ServerOptions(
                settings.flag("debug", false),
                settings.choice("log-format", LogFormat.TEXT),
                settings.choice("log-output", usualOutput(settings)),
                settings.duration("grace-period", DEFAULT_GRACE, Duration.ZERO, LONGEST_GRACE),
                settings.duration("pre-stop-delay", Duration.ZERO, Duration.ZERO, LONGEST_GRACE),
                settings.text("state-directory", ""),
                eventLoops(settings),
                maxQueued(settings),
                connections(settings, room),
                settings.number("max-groups", GroupRegistry.DEFAULT_GROUPS, 1, MOST_GROUPS),
                settings.flag("log-joins", false),
                settings.section(Keys.ADMIN).list("tap", List.of()),
                settings.text(Keys.CONTROL_SOCKET, ""),
                settings.flag(Keys.REUSE_PORT, false));
    }

    private static LogOutput usualOutput(Settings settings) {
        return Compat.of(settings) == Compat.ORIGINAL ? LogOutput.STDOUT : LogOutput.STDERR;
    }

    private static int connections(SettingsView settings, ConnectionRoom room) {
        var key = "max-connections";
        int connections = settings.number(key, Math.max(1, room.most()), 1, MOST_CONNECTIONS);
        boolean isSaid = settings.findOwn(key).isPresent();
        var shown = Integer.toString(connections);
        if (isSaid && connections > room.most()) {
            settings.warn(key, shown, "but there is room for only " + room.most() + ", limited by " + room.bound());
        } else if (!isSaid && room.most() < ConnectionRoom.LEAST) {
            throw new SettingException("there is room for only " + room.most() + " connections, limited by "
                    + room.bound() + "; to run all the same, set " + key + " to the number that you need");
        } else if (!isSaid && connections < ConnectionRoom.FEW) {
            settings.warn(
                    key,
                    shown,
                    "all that there is room for, limited by " + room.bound() + "; if that is enough, set " + key);
        }
        return connections;
    }

    private static int eventLoops(Settings settings) {
        int processors = Math.min(Runtime.getRuntime().availableProcessors(), MOST_LOOPS);
        return settings.number("event-loops", processors, 1, MOST_LOOPS);
    }

    private static long maxQueued(Settings settings) {
        long direct = DirectMemory.limit();
        // Queued bytes do not come from the JVM's own direct memory. All the same, the limit of direct memory says how
        // much memory outside the heap this process is meant to use. The read buffers of event loops and endpoints are
        // part of that.
        long others = eventLoops(settings) * OF_EACH_LOOP + OF_ENDPOINTS;
        long most = Math.max(SMALLEST_QUEUE, direct - others);
        return settings.size("max-queued", Math.clamp(direct / 4, SMALLEST_QUEUE, most), SMALLEST_QUEUE, most);
    }
}
