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

    /** Tells whether a server has started. */
    @FunctionalInterface
    private interface Readiness {
        boolean isReached(Server server, Path log) throws IOException;
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
                    (server, _) -> server.isListening());
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
                    (_, log) -> saysReady(log));
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

        private Server start(Access exit, Access entrance, Kind kind, List<String> command, Readiness readiness)
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
                server.await(readiness, log, command.getFirst() + " to listen; see " + log);
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

    private void await(Readiness readiness, Path log, String awaited) throws IOException {
        var patience = new Patience(awaited, UNTIL_READY);
        while (!readiness.isReached(this, log)) {
            if (!process.isAlive()) {
                throw new IOException("ended at once: " + awaited);
            }
            patience.pause();
        }
    }

    private boolean isListening() {
        try (var socket = new Socket()) {
            socket.connect(target.exit().address());
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /** {@return whether the forwarder says that all its endpoints listen; each alone does so earlier} */
    private static boolean saysReady(Path log) throws IOException {
        return Files.readAllLines(log).stream().anyMatch(line -> line.endsWith(" ready"));
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
