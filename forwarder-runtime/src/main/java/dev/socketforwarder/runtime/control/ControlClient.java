package dev.socketforwarder.runtime.control;

import dev.socketforwarder.runtime.monitor.Request;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a running forwarder through its control socket. */
public final class ControlClient {
    private static final Duration LONGEST = Duration.ofSeconds(10);

    /** Says that no answer came, or none that helps. The message is for the person at the terminal. */
    public static final class NoAnswerException extends Exception {
        private static final long serialVersionUID = 1L;

        private final int status;

        public NoAnswerException(String message) {
            this(message, 0);
        }

        private NoAnswerException(String message, int status) {
            super(message);
            this.status = status;
        }

        /** {@return the status of the answer, as in HTTP; 0 if no answer came} */
        public int status() {
            return status;
        }
    }

    private final Path socket;
    private final Duration longest;

    /**
     * Make a client.
     *
     * @param longest how long an answer, or a sign of life between documents, may take
     */
    ControlClient(Path socket, Duration longest) {
        this.socket = socket;
        this.longest = longest;
    }

    /**
     * Find a running forwarder.
     *
     * @param file the configuration file that the forwarder was started with; empty: any
     * @throws NoAnswerException if none runs, or several do
     */
    public static ControlClient find(ControlPath where, Optional<Path> file) throws NoAnswerException {
        if (where.isOff()) {
            throw new NoAnswerException("control-socket is off, so that no forwarder can be asked; set it to a path");
        }
        var running = new LinkedHashMap<Path, String>();
        var wanted = file.map(path -> path.toAbsolutePath().normalize().toString());
        var refused = "";
        try {
            for (var path : where.existing()) {
                try {
                    var self = new ControlClient(path, LONGEST).ask(new Request("GET", "self", Map.of()));
                    var configuration = self.path("configuration").stringValue("");
                    if (wanted.isEmpty() || wanted.get().equals(configuration)) {
                        running.put(
                                path,
                                "pid " + self.path("pid").longValue(0)
                                        + (configuration.isEmpty() ? "" : " with " + configuration));
                    }
                } catch (NoAnswerException e) {
                    refused = "; " + e.getMessage();
                }
            }
        } catch (IOException e) {
            throw new NoAnswerException("cannot look for control sockets in " + where.places() + ": " + e.getMessage());
        }
        if (running.isEmpty()) {
            throw new NoAnswerException("no forwarder "
                    + wanted.map(name -> "with the configuration " + name + " ").orElse("")
                    + "answers; looked for control sockets at " + where.places() + refused);
        }
        if (running.size() > 1) {
            throw new NoAnswerException("several forwarders run here (" + String.join(", ", running.values())
                    + "); say which by --config FILE, or by --set control-socket=PATH: " + running.keySet());
        }
        return new ControlClient(running.keySet().iterator().next(), LONGEST);
    }

    /**
     * Ask for a stream of documents, and read until there are no more.
     *
     * @param taker gets each document, and tells whether to go on
     * @throws NoAnswerException with what the forwarder says, or why it says nothing
     */
    public void stream(Request request, Predicate<JsonNode> taker) throws NoAnswerException {
        try (var connection = connected()) {
            var lines = new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8));
            var line = firstLine(request, lines, connection);
            boolean goesOn = true;
            while (goesOn && line != null) {
                // An empty line only shows that the forwarder is still there.
                goesOn =
                        line.isEmpty() || taker.test(checked(JsonMapper.shared().readTree(line)));
                line = goesOn ? line(lines, connection) : null;
            }
        } catch (ClosedChannelException _) { // by the limit
            throw new NoAnswerException(
                    "the forwarder at " + socket + " has said nothing for " + longest.toSeconds() + " s");
        } catch (IOException | JacksonException e) {
            throw new NoAnswerException("cannot talk to " + socket + ": " + e.getMessage());
        }
    }

    private SocketChannel connected() throws IOException, NoAnswerException {
        try {
            return ControlSocket.connect(socket);
        } catch (ConnectException _) {
            throw new NoAnswerException("nobody listens at " + socket + " any more");
        } catch (SocketException e) {
            if (Files.exists(socket) && !Files.isWritable(socket)) {
                throw new NoAnswerException(notForThisUser());
            }
            throw e;
        }
    }

    private String firstLine(Request request, BufferedReader lines, SocketChannel connection)
            throws IOException, NoAnswerException {
        send(request, connection);
        try {
            // A command may take any time: a reload may take as long as a start.
            var line = request.method().equals("GET") ? line(lines, connection) : lines.readLine();
            if (line != null) {
                return line;
            }
        } catch (SocketException _) {
            // Closed before the request was read.
        }
        throw new NoAnswerException(noAnswer());
    }

    private static void send(Request request, SocketChannel connection) {
        try {
            Channels.newOutputStream(connection).write(ControlLine.of(request));
        } catch (IOException _) {
            // A forwarder that has too many commands answers without a look at the request.
        }
    }

    /** {@return the next line; null if there is none} */
    private String line(BufferedReader lines, SocketChannel connection) throws IOException {
        try (var _ = ControlSocket.limit(connection, longest)) {
            return lines.readLine();
        }
    }

    private static JsonNode checked(JsonNode answer) throws NoAnswerException {
        if (answer.has("error")) {
            throw new NoAnswerException(
                    answer.path("error").stringValue(""), answer.path("status").intValue(0));
        }
        return answer;
    }

    /**
     * Ask.
     *
     * @return the answer
     * @throws NoAnswerException with what the forwarder says, or why it says nothing
     */
    public JsonNode ask(Request request) throws NoAnswerException {
        var answers = new ArrayList<JsonNode>();
        stream(request, answer -> !answers.add(answer));
        if (answers.isEmpty()) {
            throw new NoAnswerException("the forwarder at " + socket + " ended before it had answered");
        }
        return answers.getFirst();
    }

    private String notForThisUser() {
        return "the forwarder at " + socket + " belongs to another user; run the command as that user, or as root";
    }

    private String noAnswer() {
        return "the forwarder at " + socket + " gave no answer: it has ended, or belongs to another user; then run the"
                + " command as that user, or as root";
    }
}
