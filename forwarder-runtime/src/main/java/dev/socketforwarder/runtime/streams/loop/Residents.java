package dev.socketforwarder.runtime.streams.loop;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The connections of one endpoint. The selectors' keys cannot stand in for this set: other holders of a channel may
 * close it, which removes the channel's key without notice. Thread-safe.
 *
 * @param <T> the type of the connections
 */
public final class Residents<T extends EventLoop.Selectable> {
    private final Set<T> all = ConcurrentHashMap.newKeySet();

    public void add(T one) {
        all.add(one);
    }

    public void remove(T one) {
        all.remove(one);
    }

    /** Do this for each connection that lives on {@code loop}. On that loop's thread. */
    public void each(EventLoop loop, Consumer<T> action) {
        for (var one : all) {
            if (one.loop() == loop) {
                loop.attempt(one, () -> action.accept(one));
            }
        }
    }
}
