package dev.socketforwarder.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads a description of an HTTP interface, and tells where an answer differs from it. */
final class OpenApi {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "delete", "patch");
    private static final String DEFAULT = "default";

    private final JsonNode root;
    private final JsonSchema schemas;

    private OpenApi(JsonNode root) {
        this.root = root;
        this.schemas = new JsonSchema(root);
    }

    static OpenApi read(Path file) {
        try {
            return new OpenApi(new YAMLMapper().readTree(Files.readString(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return each answer with a status of its own, as in {@code GET /healthz 200}} */
    Set<String> answers() {
        var answers = new TreeSet<String>();
        root.path("paths")
                .forEachEntry((path, item) -> item.forEachEntry((method, operation) -> {
                    if (METHODS.contains(method)) {
                        operation
                                .path("responses")
                                .propertyNames()
                                .forEach(status -> answers.add(method.toUpperCase() + " " + path + " " + status));
                    }
                }));
        answers.removeIf(answer -> answer.endsWith(DEFAULT));
        return answers;
    }

    /** {@return what is wrong with the answer to an operation such as {@code GET /healthz}} */
    List<String> faults(String operation, Admin.Answer answer) {
        var content = content(operation, answer.status());
        if (content.isMissingNode() && answer.type().isEmpty()) {
            return answer.body().isEmpty() ? List.of() : List.of(operation + ": a body");
        }
        if (!content.has(answer.type())) {
            return List.of(operation + ": the media type is '" + answer.type() + "'");
        }
        var schema = content.path(answer.type()).path("schema");
        var value = answer.type().equals("application/json") ? answer.json() : JsonSchema.text(answer.body());
        return schemas.faults(value, schema, operation);
    }

    /** {@return the names of the events of a stream} */
    Set<String> events(String operation) {
        return new TreeSet<>(eventsOf(operation).propertyNames());
    }

    /** {@return what is wrong with an event of a stream} */
    List<String> faults(String operation, String event, JsonNode data) {
        return schemas.faults(data, eventsOf(operation).path(event), operation + ", event " + event);
    }

    private JsonNode eventsOf(String operation) {
        return content(operation, 200).path("text/event-stream").path("x-events");
    }

    private JsonNode content(String operation, int status) {
        var words = operation.split(" ");
        var responses =
                root.path("paths").path(words[1]).path(words[0].toLowerCase()).path("responses");
        if (responses.isMissingNode()) {
            throw new AssertionError("not described: " + operation);
        }
        var key = Integer.toString(status);
        return schemas.resolved(responses.path(responses.has(key) ? key : DEFAULT))
                .path("content");
    }

    /** {@return the words that a named schema lists} */
    Set<String> words(String schema) {
        var words = new TreeSet<String>();
        root.path("components").path("schemas").path(schema).path("enum").forEach(word -> words.add(word.asString()));
        return words;
    }
}
