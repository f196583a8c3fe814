package dev.socketforwarder.runtime.control;

import dev.socketforwarder.runtime.monitor.Answer;
import dev.socketforwarder.runtime.monitor.Answer.Document;
import dev.socketforwarder.runtime.monitor.Answer.Documents;
import dev.socketforwarder.runtime.monitor.Answer.Done;
import dev.socketforwarder.runtime.monitor.Answer.Failure;
import dev.socketforwarder.runtime.monitor.Request;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The lines of the control socket. A request is {@code METHOD PATH?PARAMETERS} and a line feed, with parameters as in URLs; the
 * answer is one line of JSON, {@code {"error": ..., "status": ...}} if there is no other.
 */
final class ControlLine {
    private static final int LONGEST = 16 * 1024;
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    private ControlLine() {}

    /** {@return the line that asks for this} */
    static byte[] of(Request request) {
        var parameters = request.parameters().entrySet().stream()
                .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return (request.method() + " " + request.path() + "?" + parameters + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** {@return the request that comes} */
    static Request request(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0 && line.isEmpty()) {
                throw new EOFException("somebody only looked whether this socket is in use");
            }
            if (b < 0 || line.length() == LONGEST) {
                throw new IOException("no request");
            }
            line.append((char) b); // ASCII: everything else is encoded
        }
        int space = line.indexOf(" ");
        int question = line.indexOf("?");
        if (space < 0 || question < space) {
            throw new IOException("no request");
        }
        return new Request(
                line.substring(0, space),
                line.substring(space + 1, question),
                parameters(line.substring(question + 1)));
    }

    private static Map<String, String> parameters(String text) throws IOException {
        var parameters = new LinkedHashMap<String, String>();
        for (var each : text.split("&")) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                try {
                    parameters.put(
                            each.substring(0, equals),
                            URLDecoder.decode(each.substring(equals + 1), StandardCharsets.UTF_8));
                } catch (IllegalArgumentException e) {
                    throw new IOException("no request", e);
                }
            }
        }
        return parameters;
    }

    /** Write the answer, and go on as long as it goes on and somebody reads. */
    static void write(Answer answer, OutputStream out) throws IOException {
        if (answer instanceof Documents(var source)) {
            try (source) {
                stream(source, out);
            }
        } else {
            writeLine(json(answer).toString(), out);
            if (answer instanceof Done(var afterwards)) {
                afterwards.run();
            }
        }
    }

    private static void stream(Answer.Source source, OutputStream out) throws IOException {
        try {
            while (true) {
                // An empty line, of which the reader takes no notice, shows whether the reader is still there.
                writeLine(source.next(HEARTBEAT).map(ObjectNode::toString).orElse(""), out);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void writeLine(String line, OutputStream out) throws IOException {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode json(Answer answer) {
        return switch (answer) {
            case Document(var document) -> document;
            case Done _ -> JsonNodeFactory.instance.objectNode();
            case Failure(var status, var error) ->
                JsonNodeFactory.instance.objectNode().put("error", error).put("status", status);
            case Documents _ -> throw new IllegalArgumentException("more than one document");
        };
    }
}
