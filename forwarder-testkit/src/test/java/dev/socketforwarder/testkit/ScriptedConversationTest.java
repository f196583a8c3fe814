package dev.socketforwarder.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Conversation;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.MessageKind;
import dev.socketforwarder.testkit.ScriptedStreamsTest.LoopbackTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that a scripted conversation allows a codec what the runtime's allows, and nothing more. */
@Timeout(30)
class ScriptedConversationTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final GroupId GROUP = GroupId.of("g");

    private static final String ELSEWHERE = "a codec uses its conversation during its own methods only";
    private static final String JOINS_ONCE = "a codec joins once, while it receives";
    private static final String PUBLISHES = "a codec publishes while it receives, or when its peer has ended";
    private static final String NO_MEMBER = "the connection is no member";
    private static final String NULL = "null";
    private static final String NOTHING = "nothing";

    /** Where a codec does what a test tries. */
    private enum When {
        BEFORE,
        ASKED,
        JOINED,
        MEMBER,
        ENDED,
        GOODBYE,
        CLOSE,
        ELSEWHERE
    }

    private static final Consumer<Conversation> JOIN = each -> each.join(GROUP, Framing.RAW);
    private static final Consumer<Conversation> ASK = each -> each.join(bytes(1), Framing.RAW);
    private static final Consumer<Conversation> PUBLISH = each -> each.publish(bytes(1), MessageKind.TEXT);
    private static final Consumer<Conversation> SEND = each -> each.send(bytes(1));
    private static final Consumer<Conversation> END = each -> each.end(Reason.PEER_CLOSED, "");
    private static final Consumer<Conversation> LARGEST = Conversation::largestMessage;
    private static final Consumer<Conversation> MEMORY =
            each -> each.memory().release(each.memory().acquire(1));

    static Stream<Arguments> calls() {
        return Stream.of(
                arguments("publish", When.BEFORE, PUBLISH, NO_MEMBER),
                arguments("largestMessage", When.BEFORE, LARGEST, NO_MEMBER),
                arguments("memory", When.BEFORE, MEMORY, NO_MEMBER),
                arguments("join", When.BEFORE, on(each -> each.join((GroupId) null, Framing.RAW)), NULL),
                arguments("join", When.BEFORE, on(each -> each.join((ByteBuffer) null, Framing.RAW)), NULL),
                arguments("join", When.BEFORE, on(each -> each.join(GROUP, null)), NULL),
                arguments("join", When.BEFORE, on(each -> each.join(bytes(1), null)), NULL),
                arguments("join", When.ASKED, JOIN, JOINS_ONCE),
                arguments("ask", When.ASKED, ASK, JOINS_ONCE),
                arguments("publish", When.ASKED, PUBLISH, NO_MEMBER),
                arguments("send", When.ASKED, SEND, NOTHING),
                arguments("join", When.JOINED, JOIN, JOINS_ONCE),
                arguments("publish", When.JOINED, PUBLISH, PUBLISHES),
                arguments("send", When.JOINED, SEND, NOTHING),
                arguments("memory", When.JOINED, MEMORY, NOTHING),
                arguments("join", When.MEMBER, JOIN, JOINS_ONCE),
                arguments("publish", When.MEMBER, PUBLISH, NOTHING),
                arguments("publish", When.MEMBER, on(each -> each.publish(null, MessageKind.TEXT)), NULL),
                arguments("publish", When.MEMBER, on(each -> each.publish(bytes(1), null)), NULL),
                arguments("send", When.MEMBER, on(each -> each.send(null)), NULL),
                arguments("end", When.MEMBER, on(each -> each.end(null, "")), NULL),
                arguments("end", When.MEMBER, on(each -> each.end(Reason.PEER_CLOSED, null)), NULL),
                arguments(
                        "end, then all",
                        When.MEMBER,
                        END.andThen(JOIN).andThen(PUBLISH).andThen(MEMORY),
                        NOTHING),
                arguments("join", When.ENDED, JOIN, JOINS_ONCE),
                arguments("publish", When.ENDED, PUBLISH, NOTHING),
                arguments("publish", When.GOODBYE, PUBLISH, PUBLISHES),
                arguments("send", When.GOODBYE, SEND, NOTHING),
                arguments("all", When.CLOSE, JOIN.andThen(PUBLISH).andThen(SEND).andThen(END), NOTHING),
                arguments("memory", When.CLOSE, MEMORY, NOTHING),
                arguments("join", When.ELSEWHERE, JOIN, ELSEWHERE),
                arguments("publish", When.ELSEWHERE, PUBLISH, ELSEWHERE),
                arguments("send", When.ELSEWHERE, SEND, ELSEWHERE),
                arguments("end", When.ELSEWHERE, END, ELSEWHERE),
                arguments("largestMessage", When.ELSEWHERE, LARGEST, ELSEWHERE),
                arguments("memory", When.ELSEWHERE, MEMORY, ELSEWHERE),
                arguments("peer", When.ELSEWHERE, on(Conversation::peer), NOTHING));
    }

    private static Consumer<Conversation> on(Consumer<Conversation> call) {
        return call;
    }

    private static ByteBuffer bytes(int length) {
        return ByteBuffer.allocate(length);
    }

    /** Joins with the first bytes, and does something once. */
    private static final class Trying implements Codec {
        private final Conversation conversation;
        private final When when;
        private final Consumer<Conversation> call;
        private final BlockingQueue<String> told;
        private boolean isMember;

        Trying(Conversation conversation, When when, Consumer<Conversation> call, BlockingQueue<String> told) {
            this.conversation = conversation;
            this.when = when;
            this.call = call;
            this.told = told;
        }

        private void at(When place) {
            if (place == when) {
                told.add(thrown());
            }
        }

        private String thrown() {
            try {
                call.accept(conversation);
                return NOTHING;
            } catch (IllegalStateException e) {
                return e.getMessage();
            } catch (NullPointerException _) {
                return NULL;
            }
        }

        @Override
        public void received(ByteBuffer bytes) {
            bytes.position(bytes.limit());
            if (isMember) {
                at(When.MEMBER);
                return;
            }
            at(When.BEFORE);
            conversation.join(GROUP, Framing.RAW);
            at(When.ASKED);
        }

        @Override
        public void joined() {
            isMember = true;
            at(When.JOINED);
            if (when == When.ELSEWHERE) {
                CompletableFuture.runAsync(() -> at(When.ELSEWHERE)).join();
            }
            conversation.send(bytes(1));
        }

        @Override
        public void ended() {
            at(When.ENDED);
        }

        @Override
        public void goodbye(Reason reason) {
            at(When.GOODBYE);
            told.add("goodbye " + reason);
        }

        @Override
        public void close() {
            at(When.CLOSE);
            told.add("close");
        }
    }

    private final ScriptedGroups groups = new ScriptedGroups();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    /** Runs an endpoint with these codecs while a client sends a byte, another when it is a member, and ends its side. */
    private void run(Codec.Factory codecs, boolean isStopped) throws IOException {
        try (var context = new ScriptedContext("endpoint", Map.of("port", 0), groups)) {
            var endpoint = new LoopbackTransport(Optional.of(codecs)).open(context);
            context.begin();
            endpoint.start();
            talk(endpoint, isStopped);
        }
        groups.verify();
    }

    private static void talk(Endpoint endpoint, boolean isStopped) throws IOException {
        try (var client = SocketClient.connect(endpoint.localAddresses().getFirst(), LIMIT)) {
            client.send(new byte[1]);
            assertThat(client.receive(1)).hasSize(1);
            client.send(new byte[1]);
            if (!isStopped) {
                client.endOutput();
                assertThat(client.awaitEnd()).isTrue();
            }
            endpoint.stop(LIMIT);
        }
    }

    private String next() throws InterruptedException {
        return told.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @ParameterizedTest(name = "{0} at {1}: {3}")
    @MethodSource("calls")
    void aCallThrowsWhatTheRuntimeThrows(String name, When when, Consumer<Conversation> call, String thrown)
            throws Exception {
        run(conversation -> new Trying(conversation, when, call, told), when == When.GOODBYE);

        assertThat(next()).isEqualTo(thrown);
    }

    @Test
    void aMessageThatIsTooLargeIsFollowedByAGoodbye() throws Exception {
        Consumer<Conversation> call = each -> each.publish(bytes(each.largestMessage() + 1), MessageKind.BINARY);

        run(conversation -> new Trying(conversation, When.MEMBER, call.andThen(PUBLISH), told), false);

        assertThat(List.of(next(), next(), next())).containsExactly(NOTHING, "goodbye message-too-large", "close");
        assertThat(groups.publishedBytes()).isZero();
    }
}
