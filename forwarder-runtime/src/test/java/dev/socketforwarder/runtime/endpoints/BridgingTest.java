package dev.socketforwarder.runtime.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupListener;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.WatchedGroup;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.runtime.rules.GroupTable;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests bridges of the endpoint of a plugin. */
@Timeout(30)
class BridgingTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final EndpointContext.Shared shared = Fakes.shared(Fakes.plugins());
    private final EndpointContext context = new EndpointContext(
            "bridge", Fakes.yaml("").endpoint("bridge"), GroupTable.DEFAULT, shared, "plugin", new Counters());
    private final TestOwner owner = new TestOwner();
    private final BlockingQueue<WatchedGroup> begun = new LinkedBlockingQueue<>();
    private final BlockingQueue<WatchedGroup> ended = new LinkedBlockingQueue<>();
    private final BlockingQueue<Membership> memberships = new LinkedBlockingQueue<>();

    private final GroupListener listener = new GroupListener() {
        @Override
        public void begun(WatchedGroup group) {
            memberships.add(group.bridge(new Bridge()));
            begun.add(group);
        }

        @Override
        public void ended(WatchedGroup group) {
            ended.add(group);
        }
    };

    private static final class Bridge implements Member {
        @Override
        public void deliver(Batch batch) {}

        @Override
        public void close(Reason reason) {}

        @Override
        public String describe() {
            return "bridge";
        }
    }

    @BeforeEach
    void start() throws IOException {
        context.prepare();
        assertThat(context.loop().call(() -> context.groups().watch(listener, context.loop()), LIMIT))
                .isTrue();
    }

    @AfterEach
    void close() {
        context.close();
        context.awaitEnd(LIMIT);
        shared.groups().close();
    }

    private TestMember join(String group) {
        return new TestMember("a", owner).join(shared.groups(), group);
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        var next = queue.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    @Test
    void theListenerGetsTheSameGroupAtItsBeginAndItsEnd() throws InterruptedException {
        var member = join("g");
        var group = next(begun);
        assertThat(group.members()).isEqualTo(1);

        member.membership.leave(Reason.PEER_CLOSED);

        assertThat(next(ended)).isSameAs(group);
        assertThat(shared.groups().bridges()).isZero();
    }

    @Test
    void callsFromOtherThreadsAreRefused() throws InterruptedException {
        join("g");
        var group = next(begun);
        var membership = next(memberships);

        assertThatThrownBy(() -> context.groups().watch(listener, context.loop()))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> context.groups().watch(listener, owner)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> group.bridge(new Bridge())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> membership.leave(Reason.LEFT)).isInstanceOf(IllegalStateException.class);
        assertThat(shared.groups().bridges()).isEqualTo(1);
    }

    @Test
    void theWatchEndsWithTheEndpoint() throws InterruptedException {
        join("g");
        next(begun);

        context.close();
        context.awaitEnd(LIMIT);
        join("another").publish("x".repeat(100));

        assertThat(shared.groups().bridges()).isZero();
        assertThat(begun).isEmpty();
        assertThat(shared.groups().heldBytes()).isZero();
    }

    @Test
    void aNextEndpointOfTheNameIsToldOfAllGroups() throws InterruptedException, IOException {
        join("g");
        next(begun);
        context.close();
        context.awaitEnd(LIMIT);

        var fresh = new EndpointContext(
                "bridge", Fakes.yaml("").endpoint("bridge"), GroupTable.DEFAULT, shared, "plugin", new Counters());
        fresh.prepare();
        fresh.loop().call(() -> fresh.groups().watch(listener, fresh.loop()), LIMIT);

        assertThat(next(begun).id().name()).isEqualTo("g");
        fresh.close();
        fresh.awaitEnd(LIMIT);
    }
}
