package dev.socketforwarder.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch.Form;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.testkit.LocalMember;
import dev.socketforwarder.testkit.ScriptedContext;
import dev.socketforwarder.testkit.ScriptedGroups;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests endpoints that stand for forwarders, over a real server. */
@Timeout(120)
class NatsEndpointTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final GroupId GROUP = GroupId.of("chat room");
    private static final String SUBJECT = "socketforwarder.chat=20room";

    /** A forwarder with groups of its own. */
    private final class Forwarder implements AutoCloseable {
        final ScriptedGroups groups;
        final ScriptedContext context;
        final NatsEndpoint endpoint;

        Forwarder(long node, Framing framing, Map<String, String> more) throws IOException {
            groups = new ScriptedGroups(FlowLimits.DEFAULT, framing, 1 << 20);
            var settings = new HashMap<String, Object>(Map.of("servers", server.url()));
            settings.putAll(more);
            context = new ScriptedContext("nats", settings, groups);
            endpoint = new NatsEndpoint(context, NatsSettings.read(context.settings()), node);
            assertThat(context.settings().unread()).isEmpty();
            context.begin();
            endpoint.start();
        }

        Forwarder awaitUp() {
            await(() -> count(Counter.CONNECTIONS) == 1);
            return this;
        }

        long count(Counter counter) {
            return context.counters().get(counter);
        }

        long count(Reason reason) {
            return context.counters().get(reason);
        }

        @Override
        public void close() {
            endpoint.quiesce(LIMIT);
            endpoint.stop(LIMIT);
            context.close();
            groups.verify();
        }
    }

    private final List<AutoCloseable> opened = new ArrayList<>();
    private NatsServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new NatsServer();
    }

    @AfterEach
    void close() throws Exception {
        for (var each : opened) {
            each.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private Forwarder forwarder(long node, Framing framing) throws IOException {
        return forwarder(node, framing, Map.of());
    }

    private Forwarder forwarder(long node, Framing framing, Map<String, String> more) throws IOException {
        var made = new Forwarder(node, framing, more);
        opened.add(made);
        return made;
    }

    private static void await(BooleanSupplier condition) {
        long endNs = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - endNs)
                    .as("what is awaited comes in time")
                    .isNegative();
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void whatOneSendsReachesTheOtherAndNotItself() throws IOException {
        var one = forwarder(1, Framing.LINE).awaitUp();
        var two = forwarder(2, Framing.LINE).awaitUp();
        try (var sender = one.groups.local(GROUP);
                var receiver = two.groups.local(GROUP)) {
            await(() -> {
                sender.send(bytes("hello\n")); // again, since the subscription takes a moment
                return receiver.received().length > 0;
            });
            receiver.send(bytes("answer\n"));
            await(() -> sender.received().length > 0);

            assertThat(new String(receiver.received(), StandardCharsets.ISO_8859_1))
                    .startsWith("hello\n");
            assertThat(new String(sender.received(), StandardCharsets.ISO_8859_1))
                    .isEqualTo("answer\n");
        }
    }

    @Test
    void everyByteArrivesInOrder() throws IOException {
        for (var framing : List.of(Framing.RAW, Framing.delimiter(bytes("\r\n")))) {
            var one = forwarder(1, framing).awaitUp();
            var two = forwarder(2, framing).awaitUp();
            try (var sender = one.groups.local(GROUP);
                    var receiver = two.groups.local(GROUP)) {
                await(() -> {
                    sender.send(bytes("begin\r\n"));
                    return receiver.received().length > 0;
                });
                var random = new Random(5);
                var sent = new StringBuilder();
                for (int i = 0; i < 300; i++) {
                    var message = "x".repeat(random.nextInt(i % 50 == 0 ? 400_000 : 2_000)) + i + "\r\n";
                    sent.append(message);
                    sender.send(bytes(message));
                }
                sender.send(bytes("end\r\n"));
                await(() -> new String(receiver.received(), StandardCharsets.ISO_8859_1).endsWith("end\r\n"));

                assertThat(new String(receiver.received(), StandardCharsets.ISO_8859_1).replace("begin\r\n", ""))
                        .isEqualTo(sent + "end\r\n");
                assertThat(two.count(Reason.LOST_UPSTREAM)).isZero();
                assertThat(two.count(Reason.UPSTREAM_INVALID)).isZero();
            }
        }
    }

    /** Stop the server once the receiver hears the sender, and wait until both forwarders have noticed. */
    private void stopServerOnceHeard(Forwarder one, Forwarder two, LocalMember sender, LocalMember receiver)
            throws IOException {
        await(() -> {
            sender.send(bytes("begin\n"));
            return receiver.received().length > 0;
        });
        server.stop();
        await(() -> one.count(Counter.CONNECTIONS) == 0 && two.count(Counter.CONNECTIONS) == 0);
    }

    @Test
    void whatWaitsIsSentWhenTheServerIsBack() throws IOException {
        var one = forwarder(1, Framing.LINE).awaitUp();
        var two = forwarder(2, Framing.LINE).awaitUp();
        try (var sender = one.groups.local(GROUP);
                var receiver = two.groups.local(GROUP)) {
            stopServerOnceHeard(one, two, sender, receiver);
            int before = receiver.received().length;
            sender.send(bytes("waits\n"));
            server.start();
            await(() -> two.count(Counter.CONNECTIONS) == 1);
            await(() -> {
                sender.send(bytes("after\n"));
                return receiver.received().length > before;
            });
            assertThat(one.count(Reason.UPSTREAM_FULL)).isZero();
        }
    }

    @Test
    void whatIsDroppedHereIsMissedThere() throws IOException {
        var one = forwarder(1, Framing.LINE, Map.of("queue-size", "64KiB")).awaitUp();
        var two = forwarder(2, Framing.LINE).awaitUp();
        try (var sender = one.groups.local(GROUP);
                var receiver = two.groups.local(GROUP)) {
            stopServerOnceHeard(one, two, sender, receiver);
            for (int i = 0; i < 200; i++) {
                sender.send(bytes("x".repeat(1_000) + "\n"));
            }
            await(() -> one.count(Reason.UPSTREAM_FULL) > 0);
            server.start();
            await(() -> {
                sender.send(bytes("after\n"));
                return new String(receiver.received(), StandardCharsets.ISO_8859_1).contains("after");
            });
            // Counted after the messages behind the gap were published.
            await(() -> two.count(Reason.LOST_UPSTREAM) >= one.count(Reason.UPSTREAM_FULL));
        }
    }

    @Test
    void strangersAreRefusedAndCounted() throws IOException {
        var one = forwarder(1, Framing.LINE).awaitUp();
        try (var receiver = one.groups.local(GROUP)) {
            await(() -> {
                publish("good\n", "line", 1, 7);
                return receiver.received().length > 0;
            });
            server.publish(SUBJECT, bytes("anything"));
            publish("no end", "line", 1, 7);
            publish("two\nlines\n", "line", 1, 7);
            publish("\0\0\0\1x", "raw", 1, 7);
            publish(Form.MESSAGES, "\u00c0\0\0\1x", "line", 1, 7); // a kind that does not exist
            publish(Form.MESSAGES, "\u0040\0\0\2x", "line", 1, 7); // beyond the end
            publish("again\n", "line", 1, 1, 7);
            publish("far\n", "line", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
            publish("own\n", "line", 1, 1);
            publish(Form.MESSAGES, "\u0040\0\0\4text", "line", 1, 9);
            publish("last\n", "line", 1, 8);
            await(() -> new String(receiver.received(), StandardCharsets.ISO_8859_1).endsWith("last\n"));

            assertThat(new String(receiver.received(), StandardCharsets.ISO_8859_1).replace("good\n", ""))
                    .isEqualTo("text\nlast\n");
            assertThat(one.count(Reason.UPSTREAM_INVALID)).isEqualTo(5);
            assertThat(one.count(Reason.FRAMING_MISMATCH)).isEqualTo(1);
            assertThat(one.count(Reason.FORWARDING_LOOP)).isEqualTo(2);
        }
    }

    private void publish(String body, String framing, int count, long... nodes) {
        publish(Form.STREAM, body, framing, count, nodes);
    }

    private void publish(Form form, String body, String framing, int count, long... nodes) {
        var trail = Trail.NONE;
        for (long node : nodes) {
            trail = trail.with(node);
        }
        var envelope = new Envelope(form, 1, 1, count, trail, framing);
        var message = new byte[envelope.bytes() + body.length()];
        envelope.write(message);
        System.arraycopy(bytes(body), 0, message, envelope.bytes(), body.length());
        try {
            server.publish(SUBJECT, message);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void presenceTellsTheMembersOfOthers() throws IOException {
        var one = forwarder(1, Framing.LINE, Map.of("presence", "true", "name", "one"))
                .awaitUp();
        var two = forwarder(2, Framing.LINE, Map.of("presence", "true", "name", "two"))
                .awaitUp();
        try (var _ = one.groups.local(GROUP);
                var _ = one.groups.local(GROUP)) {
            await(() -> two.endpoint.elsewhere(GROUP).equals(Map.of("one", 2)));
            assertThat(one.endpoint.elsewhere(GROUP)).isEmpty();
        }
    }
}
