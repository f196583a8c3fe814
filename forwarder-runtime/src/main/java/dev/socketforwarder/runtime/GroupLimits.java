package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Settings;

/**
 * How many groups there may be.
 *
 * @param groups {@code max-groups}: those that peers have named; endpoints' own are not counted
 * @param members {@code max-group-members}: in each
 */
record GroupLimits(int groups, int members) {
    /** 100,000 of both. */
    static final GroupLimits DEFAULT = new GroupLimits(100_000, 100_000);

    private static final int MANY = 10_000_000;

    static GroupLimits read(Settings settings) {
        return new GroupLimits(
                settings.number("max-groups", DEFAULT.groups(), 1, MANY),
                settings.number("max-group-members", DEFAULT.members(), 1, MANY));
    }
}
