package dev.socketforwarder.tests;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Speaks the DevTools protocol with a browser, or with one page of it, over a WebSocket. */
final class DevTools implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Map<Integer, CompletableFuture<JsonNode>> unanswered = new ConcurrentHashMap<>();
    private final BiConsumer<String, JsonNode> events;
    private final WebSocket socket;
    private int lastId; // guarded by this

    /** Connect; {@code events} gets the name and the parameters of each event, and must not wait for an answer. */
    DevTools(URI address, BiConsumer<String, JsonNode> events) {
        this.events = events;
        socket = within(HTTP.newWebSocketBuilder().buildAsync(address, new Listener()), "to connect");
    }

    /** {@return what the browser answers} */
    JsonNode call(String method, Map<String, ?> parameters) {
        return within(send(method, parameters), method);
    }

    JsonNode call(String method) {
        return call(method, Map.of());
    }

    /** Ask, and wait for no answer. */
    synchronized CompletableFuture<JsonNode> send(String method, Map<String, ?> parameters) {
        var answer = new CompletableFuture<JsonNode>();
        unanswered.put(++lastId, answer);
        var request = Map.of("id", lastId, "method", method, "params", parameters);
        // A WebSocket sends one message at a time.
        within(socket.sendText(JsonMapper.shared().writeValueAsString(request), true), "to send " + method);
        return answer;
    }

    private void receive(JsonNode message) {
        if (message.has("method")) {
            events.accept(message.path("method").asString(), message.path("params"));
            return;
        }
        var answer = unanswered.remove(message.path("id").asInt());
        if (message.has("error")) {
            answer.completeExceptionally(
                    new AssertionError(message.path("error").toString()));
        } else {
            answer.complete(message.path("result"));
        }
    }

    private static <T> T within(CompletableFuture<T> future, String what) {
        try {
            return future.get(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the browser fails: " + what, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        socket.abort();
    }

    /** Puts the parts of messages together. */
    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean isLast) {
            text.append(part);
            if (isLast) {
                var message = JsonMapper.shared().readTree(text.toString());
                text.setLength(0);
                receive(message);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            fail(new AssertionError("the browser closed the connection: " + status + " " + reason));
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            fail(error);
        }

        private void fail(Throwable cause) {
            unanswered.values().forEach(answer -> answer.completeExceptionally(cause));
        }
    }
}
