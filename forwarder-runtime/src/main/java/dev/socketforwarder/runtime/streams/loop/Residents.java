package dev.socketforwarder.runtime.streams.loop;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Connections of one endpoint. Not found by the selectors' keys, since whoever else has a channel may close it, which takes its
 * key away and tells nobody. Thread-safe.
 *
 * @param <T> what they are
 */
public final class Residents<T extends EventLoop.Selectable> {
    private final Set<T> all = ConcurrentHashMap.newKeySet();

    public void add(T one) {
        all.add(one);
    }

    public void remove(T one) {
        all.remove(one);
    }

    /** Do this with those on this loop. On its thread. */
    public void each(EventLoop loop, Consumer<T> action) {
        for (var one : all) {
            if (one.loop() == loop) {
                loop.attempt(one, () -> action.accept(one));
            }
        }
    }
}
