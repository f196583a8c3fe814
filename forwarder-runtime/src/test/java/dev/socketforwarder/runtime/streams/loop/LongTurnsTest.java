package dev.socketforwarder.runtime.streams.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.LogOutput;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LongTurnsTest {
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final EventLoops loops = new EventLoops();
    private final AtomicLong laterNs = new AtomicLong();
    private final LongTurns turns = new LongTurns(loops, () -> System.nanoTime() + laterNs.get());

    @BeforeEach
    void start() throws IOException {
        Logging.start(LogFormat.TEXT, log, false);
        loops.acquire(2);
    }

    @AfterEach
    void stop() {
        loops.release();
        Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
    }

    private String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aLoopThatIsBlockedIsNamedOnceWithTheCodeThatBlocksIt() throws InterruptedException {
        var begun = new CountDownLatch(1);
        var held = new CountDownLatch(1);
        loops.all().getFirst().execute(() -> block(begun, held));
        begun.await();

        turns.look();
        turns.look();
        laterNs.set(Duration.ofSeconds(6).toNanos());
        assertThat(log()).isEmpty();
        turns.look();
        turns.look();

        assertThat(log().lines())
                .singleElement()
                .asString()
                .contains("WARN  event-loop-0 has been in one turn for 6s, in ", "LongTurnsTest.block(");
        held.countDown();
        TestServer.await("the end of the turn", () -> {
            turns.look();
            return log().contains("event-loop-0 turns again");
        });
    }

    private static void block(CountDownLatch begun, CountDownLatch held) {
        begun.countDown();
        try {
            held.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aPauseOfTheWholeProcessIsNoLongTurn() throws InterruptedException {
        turns.look();
        var begun = new CountDownLatch(1);
        var held = new CountDownLatch(1);
        loops.all().getFirst().execute(() -> block(begun, held));
        begun.await();
        laterNs.set(Duration.ofSeconds(60).toNanos()); // between the last look and this one
        turns.look();
        held.countDown();

        assertThat(log()).isEmpty();
    }
}
