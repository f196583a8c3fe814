package dev.socketforwarder.runtime.control;

import dev.socketforwarder.runtime.monitor.Request;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a running forwarder through its control socket. */
public final class ControlClient {

    /** No answer came, or none that helps. The message is for the person at the terminal. */
    public static final class NoAnswerException extends Exception {
        private static final long serialVersionUID = 1L;

        public NoAnswerException(String message) {
            super(message);
        }
    }

    private final Path socket;

    private ControlClient(Path socket) {
        this.socket = socket;
    }

    /**
     * Find the forwarder to talk to.
     *
     * @param file the configuration file that it was started with; empty: any
     * @throws NoAnswerException if none runs, or several do
     */
    public static ControlClient find(ControlPath where, Optional<Path> file) throws NoAnswerException {
        var running = new LinkedHashMap<Path, String>();
        var wanted = file.map(path -> path.toAbsolutePath().normalize().toString());
        var refused = "";
        try {
            for (var path : where.existing()) {
                try {
                    var self = new ControlClient(path).ask(new Request("GET", "self", Map.of()));
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
        return new ControlClient(running.keySet().iterator().next());
    }

    /** {@return whether a path is free to be bound: nothing is there, or nobody listens any more} */
    static boolean isStale(Path path) {
        if (!Files.exists(path)) {
            return true;
        }
        try (var connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connection.connect(UnixDomainSocketAddress.of(path));
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    /**
     * Ask for documents that go on, until there are no more.
     *
     * @param taker gets each of them, and tells whether to go on
     * @throws NoAnswerException with what the forwarder says, or why it says nothing
     */
    public void stream(Request request, Predicate<JsonNode> taker) throws NoAnswerException {
        try (var connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connection.connect(UnixDomainSocketAddress.of(socket));
            Channels.newOutputStream(connection).write(ControlLine.of(request));
            var lines = new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8));
            boolean goesOn = true;
            for (var line = lines.readLine(); goesOn && line != null; line = lines.readLine()) {
                if (!line.isEmpty()) {
                    goesOn = taker.test(checked(JsonMapper.shared().readTree(line)));
                }
            }
        } catch (IOException e) {
            throw new NoAnswerException("cannot talk to " + socket + ": " + e.getMessage());
        }
    }

    private static JsonNode checked(JsonNode answer) throws NoAnswerException {
        if (answer.has("error")) {
            throw new NoAnswerException(answer.path("error").stringValue(""));
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
        try (var connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connection.connect(UnixDomainSocketAddress.of(socket));
            Channels.newOutputStream(connection).write(ControlLine.of(request));
            var bytes = Channels.newInputStream(connection).readAllBytes();
            if (bytes.length == 0) {
                throw new NoAnswerException(noAnswer(""));
            }
            return checked(JsonMapper.shared().readTree(bytes));
        } catch (ConnectException _) {
            throw new NoAnswerException("nobody listens at " + socket + " any more");
        } catch (IOException e) { // it may be closed before the request was read
            throw new NoAnswerException(noAnswer(" (" + e.getMessage() + ")"));
        }
    }

    private String noAnswer(String why) {
        return "the forwarder at " + socket + " gave no answer" + why
                + ": it has ended, or belongs to another user; then run the command as that user, or as root";
    }
}
