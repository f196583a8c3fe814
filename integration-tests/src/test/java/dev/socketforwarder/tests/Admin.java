package dev.socketforwarder.tests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Talks HTTP to the admin endpoint of a forwarder. Every answer has a time limit. */
final class Admin implements AutoCloseable {
    /** The token that {@link #enable} configures. */
    static final String TOKEN = "the token of the tests";

    static final String[] WITH_TOKEN = {"Authorization", "Bearer " + TOKEN};

    private final String base;
    private final HttpClient http = HttpClient.newHttpClient();

    /**
     * What came back.
     *
     * @param type the media type without parameters; empty if there is none
     */
    record Answer(int status, String type, String body) {
        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }
    }

    private Admin(String base) {
        this.base = base;
    }

    /** Have a forwarder open its admin endpoint on a free port. */
    static Launch enable(Launch launch) {
        return launch.env("SOCKETFORWARDER_ADMIN_PORT", "0").env("SOCKETFORWARDER_ADMIN_TOKEN", TOKEN);
    }

    static Admin of(Forwarder forwarder) {
        return at(forwarder.address("admin").getPort());
    }

    /** {@return a client of the endpoint at this port of the loopback} */
    static Admin at(int port) {
        return new Admin("http://127.0.0.1:" + port);
    }

    /** {@return what the endpoint answers; headers are names and values in turn} */
    Answer ask(String method, String target, String body, String... headers) {
        var response = send(method, target, body, BodyHandlers.ofString(), headers);
        return new Answer(response.statusCode(), type(response), response.body());
    }

    /** {@return in their order, the data of the first event of each of these names; {@code message} is the name of events without one} */
    Map<String, JsonNode> events(String target, Set<String> names, Runnable onceOpen, String... headers) {
        var response = send("GET", target, "", BodyHandlers.ofInputStream(), headers);
        var found = new LinkedHashMap<String, JsonNode>();
        try (var reader = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            onceOpen.run();
            var name = "message";
            while (!found.keySet().equals(names)) {
                var line = reader.readLine();
                if (line == null) {
                    throw new AssertionError("the stream has ended after " + found.keySet());
                } else if (line.startsWith("event: ")) {
                    name = line.substring("event: ".length());
                } else if (line.startsWith("data: ")) {
                    found.put(name, JsonMapper.shared().readTree(line.substring("data: ".length())));
                } else if (line.isEmpty()) {
                    name = "message";
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private <T> HttpResponse<T> send(
            String method, String target, String body, HttpResponse.BodyHandler<T> handler, String... headers) {
        var request = HttpRequest.newBuilder(URI.create(base + target))
                .timeout(Forwarder.LIMIT)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return http.send(request.build(), handler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String type(HttpResponse<?> response) {
        return response.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
