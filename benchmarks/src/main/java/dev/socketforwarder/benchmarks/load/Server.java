package dev.socketforwarder.benchmarks.load;

import dev.socketforwarder.benchmarks.load.Scenario.Kind;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** A server that runs until this is closed. */
final class Server implements Closeable {
    private static final Duration UNTIL_READY = Duration.ofSeconds(20);
    private static final Duration UNTIL_STOPPED = Duration.ofSeconds(20);

    private final Process process;
    private final Target target;

    private Server(Process process, Target target) {
        this.process = process;
        this.target = target;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy)); // however this program ends
    }

    /** Waits for the end of a start. */
    @FunctionalInterface
    private interface Start {
        void await(Server server, Path log, Patience patience) throws IOException;
    }

    /** Starts servers. */
    record Starter(Path image, Path work, Certificate certificate) {

        /** Start one for members of this kind. */
        Server start(Product product, Kind kind) throws IOException {
            if (product.isForwarder()) {
                return forwarder(kind, product.settings());
            }
            var access = new Access(freeAddress(), product.protocol(), kind.hasWebSocket());
            return start(
                    access,
                    access,
                    kind,
                    product.command(this, kind, access.address().getPort()),
                    (server, _, patience) -> server.awaitListening(patience));
        }

        /** Start the forwarder, with these settings of it besides. */
        Server forwarder(Kind kind, List<String> settings) throws IOException {
            return forwarder(kind, settings, List.of());
        }

        /** Start the forwarder by another program, whose process it becomes. */
        Server forwarder(Kind kind, List<String> settings, List<String> starter) throws IOException {
            var tcp = new Access(freeAddress(), Protocol.FORWARDER, false);
            var webSocket = new Access(freeAddress(), Protocol.PATHS, true);
            int port = tcp.address().getPort();
            var file = Files.writeString(
                    work.resolve("forwarder-" + port + ".yaml"),
                    configuration(kind, port, webSocket.address().getPort()));
            var command = new ArrayList<>(starter);
            command.addAll(List.of(image.resolve("bin/socketforwarder").toString(), "--config", file.toString()));
            for (var setting : settings) {
                command.add("--set");
                command.add(setting);
            }
            return start(
                    kind.hasWebSocket() ? webSocket : tcp,
                    kind == Kind.WEBSOCKET ? webSocket : tcp,
                    kind,
                    command,
                    Server::awaitReady);
        }

        private String configuration(Kind kind, int port, int webSocketPort) {
            var tls = kind == Kind.TLS
                    ? "tls: {certificate: %s, key: %s}".formatted(certificate.file(), certificate.key())
                    : "";
            return """
                    host-address: 127.0.0.1
                    first-message: line
                    framing: %s
                    transports:
                      tcp: {port: %d, %s}
                      udp: {port: %d}
                      %s
                    """.formatted(
                            kind == Kind.LINE || kind.hasWebSocket() ? "line" : "raw",
                            port,
                            tls,
                            port,
                            kind.hasWebSocket() ? "websocket: {port: " + webSocketPort + "}" : "");
        }

        private Server start(Access exit, Access entrance, Kind kind, List<String> command, Start start)
                throws IOException {
            var log = work.resolve("server-" + exit.address().getPort() + ".log");
            var process = new ProcessBuilder(command)
                    .directory(work.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            var tls = kind == Kind.TLS ? Optional.of(certificate.trust()) : Optional.<SSLContext>empty();
            var server = new Server(process, new Target(exit, entrance, tls, List.of(new Proc(process.pid()))));
            try {
                start.await(server, log, new Patience(command.getFirst() + " to listen; see " + log, UNTIL_READY));
                return server;
            } catch (IOException e) {
                server.close();
                throw e;
            }
        }
    }

    private static InetSocketAddress freeAddress() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    /** Wait until it accepts connections. */
    private void awaitListening(Patience patience) throws IOException {
        while (true) {
            try (var socket = new Socket()) {
                socket.connect(target.exit().address());
                return;
            } catch (IOException _) {
                requireAlive();
                patience.pause();
            }
        }
    }

    /** Wait until the forwarder says that all its endpoints listen; each alone would do so earlier. */
    private void awaitReady(Path log, Patience patience) throws IOException {
        while (Files.readAllLines(log).stream().noneMatch(line -> line.endsWith(" ready"))) {
            requireAlive();
            patience.pause();
        }
    }

    private void requireAlive() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("ended at once: " + process.info().command().orElse("the server"));
        }
    }

    Target target() {
        return target;
    }

    Proc proc() {
        return new Proc(process.pid());
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(UNTIL_STOPPED.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
