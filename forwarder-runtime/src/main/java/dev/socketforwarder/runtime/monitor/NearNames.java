package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.runtime.groups.GroupView;
import dev.socketforwarder.runtime.text.Spelling;
import java.util.Locale;
import java.util.stream.Stream;

/** Finds groups whose names look much like a given one. */
final class NearNames {
    private static final int NEAR = 2; // letters
    // Whoever asks must not keep a processor busy for long: comparing long names takes the square of their length.
    private static final int MOST_COMPARED = 20_000;
    private static final int LONGEST_COMPARED = 64;

    private NearNames() {}

    /** {@return the groups whose names are nearly, but not quite, this name} */
    static Stream<GroupView> of(String name, Stream<GroupView> groups) {
        return name.length() > LONGEST_COMPARED
                ? Stream.empty()
                : groups.limit(MOST_COMPARED).filter(group -> isNear(group.id().name(), name));
    }

    private static boolean isNear(String one, String other) {
        if (one.equals(other)) {
            return false;
        }
        var a = one.strip().toLowerCase(Locale.ROOT);
        var b = other.strip().toLowerCase(Locale.ROOT);
        return a.equals(b)
                || Math.abs(a.length() - b.length()) <= NEAR
                        && Math.min(a.length(), b.length()) > NEAR
                        && Spelling.distance(a, b) <= NEAR;
    }
}
