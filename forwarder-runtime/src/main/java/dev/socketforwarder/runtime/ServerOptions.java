package dev.socketforwarder.runtime;

import dev.socketforwarder.api.FlowLimits;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import java.time.Duration;

/**
 * The settings of the process as a whole.
 *
 * @param debug log each connection
 * @param gracePeriod how long a stop may take to deliver what was read
 * @param eventLoops threads for work that can be spread
 * @param flow when a member is full, and when stalled
 * @param connections how many there may be at a time
 * @param groups how many there may be at a time
 */
record ServerOptions(
        boolean debug,
        LogFormat logFormat,
        LogOutput logOutput,
        Duration gracePeriod,
        int eventLoops,
        FlowLimits flow,
        int connections,
        GroupLimits groups) {

    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);
    private static final Duration LONGEST_GRACE = Duration.ofHours(1);
    private static final Duration SHORTEST_STALL = Duration.ofMillis(100);
    private static final int MOST_LOOPS = 256;
    private static final int MOST_CONNECTIONS = 100_000_000;
    private static final long LARGEST_MARK = 1 << 30;

    /**
     * Read them all.
     *
     * @throws SettingException if one is wrong
     */
    static ServerOptions read(Settings settings) {
        int processors = Math.min(Runtime.getRuntime().availableProcessors(), MOST_LOOPS);
        return new ServerOptions(
                settings.flag("debug", false),
                settings.choice("log-format", LogFormat.TEXT),
                settings.choice("log-output", LogOutput.STDERR),
                settings.duration("grace-period", DEFAULT_GRACE, Duration.ZERO, LONGEST_GRACE),
                settings.number("event-loops", processors, 1, MOST_LOOPS),
                flow(settings),
                settings.number("max-connections", Descriptors.connections(), 1, MOST_CONNECTIONS),
                GroupLimits.read(settings));
    }

    private static FlowLimits flow(Settings settings) {
        var standard = FlowLimits.DEFAULT;
        long high = settings.size("high-water", standard.highWater(), 1, LARGEST_MARK);
        // Where the high mark alone is lowered, the low one keeps its distance.
        long low = settings.size("low-water", Math.min(standard.lowWater(), Math.max(1, high / 4)), 1, high);
        return new FlowLimits(
                high,
                low,
                settings.size("min-drain", standard.minDrain(), 1, LARGEST_MARK),
                settings.duration("stall-timeout", standard.stallTimeout(), SHORTEST_STALL, LONGEST_GRACE));
    }
}
