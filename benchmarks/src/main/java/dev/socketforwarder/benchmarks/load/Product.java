package dev.socketforwarder.benchmarks.load;

import dev.socketforwarder.benchmarks.load.Scenario.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The servers that are compared. */
enum Product {
    FORWARDER("forwarder", Protocol.FORWARDER, Set.of(Kind.values())),

    /** Its other way to speak UDP. */
    FORWARDER_NIO("forwarder, nio", Protocol.FORWARDER, Set.of(Kind.UDP), "transports.udp.io=nio"),

    NCAT("ncat", Protocol.NCAT, Set.of(Kind.TCP, Kind.TLS)) {
        @Override
        List<String> command(Server.Starter starter, Kind kind, int port) {
            var certificate = starter.certificate();
            var broker = List.of("ncat", "-l", "--broker", "--max-conns", "1000");
            var tls = List.of(
                    "--ssl",
                    "--ssl-cert",
                    certificate.file().toString(),
                    "--ssl-key",
                    certificate.key().toString());
            return join(join(broker, kind == Kind.TLS ? tls : List.of()), List.of("127.0.0.1", Integer.toString(port)));
        }

        @Override
        boolean can(Scenario scenario) {
            return super.can(scenario) && scenario.groups() == 1;
        }
    },

    NATS("nats-server", Protocol.NATS, Set.of(Kind.TCP, Kind.LINE, Kind.TLS, Kind.WEBSOCKET)) {
        @Override
        List<String> command(Server.Starter starter, Kind kind, int port) throws IOException {
            if (kind == Kind.WEBSOCKET) {
                var file = starter.work().resolve("nats-" + port + ".conf");
                Files.writeString(file, "websocket { host: 127.0.0.1, port: %d, no_tls: true }".formatted(port));
                return List.of("nats-server", "-a", "127.0.0.1", "-p", "-1", "-c", file.toString());
            }
            var certificate = starter.certificate();
            var plain = List.of("nats-server", "-a", "127.0.0.1", "-p", Integer.toString(port));
            var tls = List.of(
                    "--tls",
                    "--tlscert",
                    certificate.file().toString(),
                    "--tlskey",
                    certificate.key().toString());
            return join(plain, kind == Kind.TLS ? tls : List.of());
        }
    },

    REDIS("redis-server", Protocol.REDIS, Set.of(Kind.TCP, Kind.LINE, Kind.TLS)) {
        @Override
        List<String> command(Server.Starter starter, Kind kind, int port) {
            var certificate = starter.certificate();
            var number = Integer.toString(port);
            var common = List.of("redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no");
            var file = certificate.file().toString();
            var key = certificate.key().toString();
            var plain = List.of("--port", number);
            var tls = List.of(
                    "--port",
                    "0",
                    "--tls-port",
                    number,
                    "--tls-auth-clients",
                    "no",
                    "--tls-cert-file",
                    file,
                    "--tls-ca-cert-file",
                    file,
                    "--tls-key-file",
                    key);
            return join(common, kind == Kind.TLS ? tls : plain);
        }
    },

    /** What people write with npm's ws in some lines. */
    NODE_WS("node with ws", Protocol.PATHS, Set.of(Kind.WEBSOCKET)) {
        private static final String MODULES = "NODE_PATH=/usr/share/nodejs:/usr/lib/node_modules";

        @Override
        boolean isInstalled() {
            try {
                Command.run("env", MODULES, "node", "-e", "require('ws')");
                return true;
            } catch (IOException _) {
                return false;
            }
        }

        @Override
        List<String> command(Server.Starter starter, Kind kind, int port) throws IOException {
            var file = starter.work().resolve("broadcast.js");
            try (var script = Product.class.getResourceAsStream("broadcast.js")) {
                Files.copy(script, file, StandardCopyOption.REPLACE_EXISTING);
            }
            return List.of("env", MODULES, "node", file.toString(), Integer.toString(port));
        }
    };

    private final String label;
    private final Protocol protocol;
    private final Set<Kind> kinds;
    private final List<String> settings;

    Product(String label, Protocol protocol, Set<Kind> kinds, String... settings) {
        this.label = label;
        this.protocol = protocol;
        this.kinds = kinds;
        this.settings = List.of(settings);
    }

    /** {@return settings of the forwarder's, as KEY=VALUE} */
    List<String> settings() {
        return settings;
    }

    /** {@return how tables name it; for others than the forwarder, the program's name} */
    String label() {
        return label;
    }

    Protocol protocol() {
        return protocol;
    }

    boolean isForwarder() {
        return protocol == Protocol.FORWARDER;
    }

    boolean can(Scenario scenario) {
        return kinds.contains(scenario.kind());
    }

    boolean isInstalled() {
        return isForwarder() || Command.find(label).isPresent();
    }

    /** {@return the command that starts it at a port; the forwarder's is another matter} */
    List<String> command(Server.Starter starter, Kind kind, int port) throws IOException {
        throw new UnsupportedOperationException();
    }

    private static List<String> join(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
