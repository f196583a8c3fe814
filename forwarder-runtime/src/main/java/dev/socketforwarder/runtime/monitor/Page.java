package dev.socketforwarder.runtime.monitor;

import java.util.List;

/**
 * A part of a long list.
 *
 * @param offset how many elements come before this part
 * @param limit how many elements this part has at most
 */
public record Page(int offset, int limit) {
    /** Everything. */
    static final Page ALL = new Page(0, Integer.MAX_VALUE);

    /** {@return the elements of this page} */
    <T> List<T> of(List<T> all) {
        int from = Math.min(offset, all.size());
        return all.subList(from, from + Math.min(limit, all.size() - from));
    }
}
