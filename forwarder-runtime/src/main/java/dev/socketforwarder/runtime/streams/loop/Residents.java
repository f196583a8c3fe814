package dev.socketforwarder.runtime.streams.loop;

import java.time.Duration;
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
    private final Outstanding present = new Outstanding();

    public void add(T one) {
        if (all.add(one)) {
            present.add();
        }
    }

    public void remove(T one) {
        if (all.remove(one)) {
            present.done();
        }
    }

    /** Wait until there are none, on any loop, or the limit is over. */
    public void awaitNone(Duration limit) {
        present.await(limit);
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
