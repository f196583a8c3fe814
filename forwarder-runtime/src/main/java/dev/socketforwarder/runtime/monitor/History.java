package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.groups.MemberView;
import dev.socketforwarder.runtime.groups.MembershipListener;
import dev.socketforwarder.runtime.logging.RefusalLog;
import dev.socketforwarder.runtime.monitor.Refusal.Case;
import dev.socketforwarder.runtime.text.Printable;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Remembers the latest joins, leaves and refusals, for those who ask what happened to a peer. The number of entries is bounded,
 * and the oldest is forgotten first. Refusals of one source for one reason are one entry, so a source that is refused all the
 * time displaces nobody else. Thread-safe.
 */
public final class History implements MembershipListener, RefusalLog.Listener {
    /** How many joins and leaves are remembered. */
    static final int MOST_EVENTS = 4_096;
    /** How many sources of refusals are remembered; each counts once for each reason. */
    static final int MOST_REFUSALS = 1_024;

    private static final int MOST_CASES = 8;
    private static final int MOST_BYTES = 64;

    private record Key(String endpoint, Reason reason, String source) {}

    private final InstantSource clock;
    private final EventRing events = new EventRing(MOST_EVENTS);
    private final LinkedHashMap<Key, Refusal> refusals = new LinkedHashMap<>(); // guarded by itself; the latest is last

    public History(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void joined(MemberView member, int members) {
        events.add(clock.instant(), member, null, members);
    }

    @Override
    public void left(MemberView member, Reason reason, int members) {
        events.add(clock.instant(), member, reason, members);
    }

    @Override
    public void refused(String endpoint, Reason reason, String source, int port, String detail, ByteBuffer offending) {
        var key = new Key(endpoint, reason, source);
        var now = clock.instant();
        var bytes = offending.slice(offending.position(), Math.min(offending.remaining(), MOST_BYTES));
        var latest = new ArrayList<Case>(MOST_CASES);
        latest.add(new Case(now, port, detail, bytes.hasRemaining() ? Printable.quoted(bytes) : ""));
        synchronized (refusals) {
            var before = refusals.remove(key); // to be the latest again
            if (before == null && refusals.size() == MOST_REFUSALS) {
                refusals.pollFirstEntry();
            }
            var first = before == null ? now : before.first();
            long count = before == null ? 1 : before.count() + 1;
            if (before != null) {
                before.latest().stream().limit(MOST_CASES - 1).forEach(latest::add);
            }
            refusals.put(key, new Refusal(endpoint, reason, source, count, first, List.copyOf(latest)));
        }
    }

    /** {@return the latest joins and leaves, the latest first} */
    public List<MemberEvent> events() {
        return events.events();
    }

    /** {@return what was refused lately, the latest first} */
    public List<Refusal> refusals() {
        synchronized (refusals) {
            return new ArrayList<>(refusals.values()).reversed();
        }
    }
}
