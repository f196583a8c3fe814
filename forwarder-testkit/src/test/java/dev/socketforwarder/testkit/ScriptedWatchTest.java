package dev.socketforwarder.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.GroupListener;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.WatchedGroup;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests that scripted groups tell a bridge what the runtime would tell it. */
@Timeout(30)
class ScriptedWatchTest {
    private static final GroupId GROUP = GroupId.of("g");
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final ScriptedGroups groups =
            new ScriptedGroups(FlowLimits.DEFAULT, Framing.delimiter(new byte[] {'\n'}), 100);
    private final ScriptedContext context = new ScriptedContext("bridge", Map.of(), groups);
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private volatile Membership membership;
    private volatile Groups.Watch watch;

    private final class Bridge implements GroupListener, Member {
        @Override
        public void begun(WatchedGroup group) {
            told.add("begun " + group.id());
            membership = group.bridge(this);
        }

        @Override
        public void ended(WatchedGroup group) {
            told.add("ended " + group.id());
        }

        @Override
        public void deliver(Batch batch) {
            told.add(batch.bytes() + " bytes");
        }

        @Override
        public void close(Reason reason) {
            membership.leave(reason);
        }

        @Override
        public String describe() {
            return "bridge";
        }
    }

    @BeforeEach
    void watch() {
        context.begin();
        assertThat(context.loop().call(() -> watch = groups.watch(new Bridge(), context.loop()), LIMIT))
                .isTrue();
    }

    @AfterEach
    void close() {
        context.close();
        groups.verify();
    }

    private String next() throws InterruptedException {
        return told.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void aBridgeIsToldOfTheBeginAndTheMessagesAndTheEndInThisOrder() throws InterruptedException {
        var local = groups.local(GROUP);
        local.send("text\n".getBytes());
        local.close();

        assertThat(List.of(next(), next(), next())).containsExactly("begun g", "5 bytes", "ended g");
        assertThat(groups.bridges()).isEmpty();
    }

    @Test
    void whatABridgePublishesReachesLocalMembersAlone() throws InterruptedException {
        try (var local = groups.local(GROUP)) {
            assertThat(next()).isEqualTo("begun g");
            var block = Block.borrowed(ByteBuffer.allocateDirect(5).put(0, "news\n".getBytes()));
            context.loop().call(() -> membership.publish(new Batch(block).add(0, 5)), LIMIT);

            var wait = new BoundedWait(LIMIT, groups::verify);
            assertThat(wait.holds(() -> local.received().length == 5)).isTrue();
            assertThat(told).isEmpty();
        }
    }

    @Test
    void aClosedWatchIsToldNothing() throws InterruptedException {
        try (var local = groups.local(GROUP)) {
            assertThat(next()).isEqualTo("begun g");

            context.loop().call(() -> watch.close(), LIMIT);
            local.send("text\n".getBytes());
        }

        context.loop().call(() -> {}, LIMIT);
        assertThat(told).isEmpty();
    }
}
