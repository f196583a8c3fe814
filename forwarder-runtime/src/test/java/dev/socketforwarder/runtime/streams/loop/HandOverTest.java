package dev.socketforwarder.runtime.streams.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.kit.TaskQueue;
import dev.socketforwarder.runtime.groups.LoopOwner;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a loop hands over to the owners of other members. */
class HandOverTest {

    /** An owner whose thread is the test's. When it is first woken, it notes what a client of the loop can read. */
    private static final class Sleeper implements LoopOwner {
        private final TestClient client;
        private final TaskQueue tasks = new TaskQueue(this::wake);
        private final CompletableFuture<Integer> readable = new CompletableFuture<>();

        Sleeper(TestClient client) {
            this.client = client;
        }

        @Override
        public void execute(Runnable task) {
            tasks.execute(task);
        }

        @Override
        public void executeAfterReading(Runnable check) {
            tasks.execute(check);
        }

        @Override
        public boolean mayHang() {
            return false;
        }

        @Override
        public boolean leave(Runnable task) {
            return tasks.leave(task);
        }

        @Override
        public void wake() {
            try {
                readable.complete(client.socket.getInputStream().available());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A member that counts the bytes that it is given. */
    private static final class CountingMember implements Member {
        private long bytes;

        @Override
        public void deliver(Batch batch) {
            bytes += batch.bytes();
        }

        @Override
        public void close(Reason reason) {}

        @Override
        public String describe() {
            return "a member that counts";
        }
    }

    @Test
    void wakesNobodyBeforeItsOwnMembersHaveTheirBytes() throws Exception {
        try (var server = new TestServer(Map.of())) {
            var reader = server.join("g");
            var sender = server.join("g");
            var owner = new Sleeper(reader);
            var member = new CountingMember();
            var joined = (Joined) server.context.groups().join(GroupId.of("g"), member, owner);

            sender.send("hello");

            assertThat(owner.readable.get(10, TimeUnit.SECONDS)).isEqualTo(5);
            owner.tasks.drain(10);
            assertThat(member.bytes).isEqualTo(5);
            joined.membership().leave(Reason.STOPPED);
        }
    }
}
