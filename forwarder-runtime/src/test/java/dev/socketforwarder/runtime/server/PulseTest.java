package dev.socketforwarder.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Owner;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PulseTest {
    /** A loop that turns when it is told to. */
    private static final class Loop implements Owner {
        private final Queue<Runnable> tasks = new ArrayDeque<>();

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        void turn() {
            while (!tasks.isEmpty()) {
                tasks.remove().run();
            }
        }
    }

    private final Loop one = new Loop();
    private final Loop other = new Loop();
    private final Set<Owner> loops = new HashSet<>(Set.of(one, other));
    private final Pulse pulse = new Pulse(() -> loops);

    @Test
    void loopsThatTurnAreNotSilent() {
        for (int i = 0; i < 3; i++) {
            assertThat(pulse.silent()).isEmpty();
            one.turn();
            other.turn();
        }
    }

    @Test
    void aLoopThatHangsIsSilentUntilItTurns() {
        pulse.silent();
        one.turn();
        other.turn();
        pulse.silent();
        one.turn();
        var thread = Thread.currentThread().getName();
        assertThat(pulse.silent()).containsExactly(thread);
        assertThat(pulse.silent()).hasSize(2); // the first was asked again
        one.turn();
        other.turn();
        assertThat(pulse.silent()).isEmpty();
    }

    @Test
    void aLoopThatHangsGetsOneTask() {
        for (int i = 0; i < 10; i++) {
            pulse.silent();
        }
        assertThat(one.tasks).hasSize(1);
    }

    @Test
    void aLoopThatHasEndedIsForgotten() {
        pulse.silent();
        one.turn();
        loops.remove(other);
        assertThat(pulse.silent()).isEmpty();
    }
}
