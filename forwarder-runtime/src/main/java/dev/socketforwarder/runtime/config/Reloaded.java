package dev.socketforwarder.runtime.config;

import java.util.List;

/**
 * Tells what became of a reload.
 *
 * @param isDone whether the configuration is in force
 * @param lines what has changed, or in one line why nothing has
 */
public record Reloaded(boolean isDone, List<String> lines) {
    /** The status, as in HTTP, of the answer to a query if the configuration cannot be used. */
    public static final int UNUSABLE = 422;

    /** {@return a reload that put the configuration in force} */
    public static Reloaded done(List<String> lines) {
        return new Reloaded(true, List.copyOf(lines));
    }

    /** {@return a reload that changed nothing} */
    public static Reloaded failed(String why) {
        return new Reloaded(false, List.of(why));
    }
}
