package dev.socketforwarder.runtime.control;

import dev.socketforwarder.runtime.monitor.Answer;
import dev.socketforwarder.runtime.monitor.Answer.Document;
import dev.socketforwarder.runtime.monitor.Answer.Documents;
import dev.socketforwarder.runtime.monitor.Answer.Done;
import dev.socketforwarder.runtime.monitor.Answer.Failure;
import dev.socketforwarder.runtime.monitor.Parameters;
import dev.socketforwarder.runtime.monitor.Request;
import dev.socketforwarder.runtime.monitor.Request.BadParameterException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The lines of the control socket. A request is {@code METHOD PATH?PARAMETERS} and a line feed, with parameters as in URLs; the
 * answer is one line of JSON, which is {@code {"error": ..., "status": ...}} if the request fails.
 */
final class ControlLine {
    private static final int LONGEST = 16 * 1024;
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    private ControlLine() {}

    /** {@return the line of a request} */
    static byte[] of(Request request) {
        var line = request.method() + " " + request.path() + "?" + Parameters.encoded(request.parameters()) + "\n";
        return line.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * {@return the next request}
     *
     * @throws BadParameterException if the line is no request, with a message for the sender
     * @throws EOFException if nothing comes
     */
    static Request request(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0 && line.isEmpty()) {
                throw new EOFException("somebody only looked whether this socket is in use");
            }
            if (b < 0 || line.length() == LONGEST) {
                throw new BadParameterException(
                        "a request has at most " + LONGEST + " bytes and ends with a line feed");
            }
            line.append((char) b);
        }
        int space = line.indexOf(" ");
        int question = line.indexOf("?");
        if (space < 0 || question < space) {
            throw new BadParameterException("a request is METHOD PATH?PARAMETERS");
        }
        return new Request(
                line.substring(0, space),
                line.substring(space + 1, question),
                Parameters.decoded(line.substring(question + 1)));
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
