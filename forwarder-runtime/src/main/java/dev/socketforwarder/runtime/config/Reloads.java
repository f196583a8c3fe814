package dev.socketforwarder.runtime.config;

import java.util.Optional;

/**
 * Counts the reloads since the start.
 *
 * @param done how many put a configuration in force
 * @param failed how many changed nothing
 * @param failure why the last one changed nothing; empty if it put a configuration in force, or there was none
 */
public record Reloads(long done, long failed, Optional<String> failure) {
    /** No reload. */
    public static final Reloads NONE = new Reloads(0, 0, Optional.empty());

    /** {@return these, and one that put a configuration in force} */
    public Reloads plusDone() {
        return new Reloads(done + 1, failed, Optional.empty());
    }

    /** {@return these, and one that changed nothing for this reason} */
    public Reloads plusFailed(String why) {
        return new Reloads(done, failed + 1, Optional.of(why));
    }
}
