package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.runtime.process.CodePlace;
import dev.socketforwarder.runtime.text.Values;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Warns of event loops that do not come to the end of a turn, since the members of all their groups wait then. Code of a plugin that
 * blocks, such as a codec, is the usual cause. Used on one thread.
 */
public final class LongTurns {
    private static final Logger LOG = System.getLogger(LongTurns.class.getName());
    private static final Duration LONG = Duration.ofSeconds(5);

    private final EventLoops loops;
    private final LongSupplier nanoClock;
    private final Map<EventLoop, Long> seen = new HashMap<>(); // since when the turn went on that the last look found
    private final Map<EventLoop, Long> told = new HashMap<>();

    public LongTurns(EventLoops loops, LongSupplier nanoClock) {
        this.loops = loops;
        this.nanoClock = nanoClock;
    }

    /** Look at all loops. Two looks must find the same turn, or a pause of the whole process would look like a long turn. */
    public void look() {
        long nowNs = nanoClock.getAsLong();
        seen.keySet().retainAll(loops.all());
        for (var loop : loops.all()) {
            long sinceNs = loop.times().turnSinceNs();
            Long before = seen.put(loop, sinceNs);
            var toldNs = told.get(loop);
            if (toldNs != null && toldNs != sinceNs) {
                told.remove(loop);
                LOG.log(Level.WARNING, loop.name() + " turns again");
            }
            boolean isSame = before != null && before == sinceNs && sinceNs != 0;
            if (isSame && nowNs - sinceNs >= LONG.toNanos() && told.put(loop, sinceNs) == null) {
                LOG.log(
                        Level.WARNING,
                        loop.name() + " has been in one turn for "
                                + Values.shown(Duration.ofNanos(nowNs - sinceNs).truncatedTo(ChronoUnit.SECONDS))
                                + ", in " + CodePlace.of(loop.thread()) + "; the members of its groups wait");
            }
        }
    }
}
