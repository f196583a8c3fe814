package dev.socketforwarder.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Supplier;

/** A configuration with an endpoint of each kind, one of them a plugin's, and honest members of all of them. */
final class MixedEndpoints {
    private static final String HOST = "127.0.0.1";

    private static final String CONFIGURATION = """
            host-address: 127.0.0.1
            first-message: line
            join-reply: "#joined"
            %2$s
            plugins: { path: ["%1$s/plugins"] }
            groups:
              lines: { match: ["lines-*"], framing: line %3$s}
            transports:
              tcp: { port: %7$d, first-message-timeout: 30s %4$s}
              tls: { type: tcp, port: %8$d, first-message-timeout: 30s, tls: { certificate: "%1$s/server.crt", key: "%1$s/server.key" } }
              udp: { port: %9$d %5$s}
              loopback: { port: %10$d, first-message-timeout: 30s }
              %6$s
            """;

    private final Path folder;
    private final Path file;
    private final Certificates certificates;
    private final int tcp = FreePorts.tcp(HOST);
    private final int tls = FreePorts.tcp(HOST);
    private final int udp = FreePorts.udp(HOST);
    private final int plugin = FreePorts.tcp(HOST);

    /** Make the files that the configuration needs in this folder. */
    MixedEndpoints(Path folder) throws IOException {
        this.folder = folder;
        file = folder.resolve("forwarder.yaml");
        certificates = new Certificates(folder);
        certificates.issue("server");
        certificates.certificate("server", folder.resolve("server.crt"));
        var key = folder.resolve("server.key");
        certificates.key("server", key);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        PluginSources.loopbackJar(folder, folder.resolve("plugins").resolve("loopback.jar"));
        configure("", "", "", "", "");
    }

    /** Write the configuration, with further settings of the process, of framed groups, of two endpoints, and a further endpoint. */
    void configure(String process, String lines, String ofTcp, String ofUdp, String endpoint) {
        try {
            Files.writeString(
                    file,
                    CONFIGURATION.formatted(folder, process, lines, ofTcp, ofUdp, endpoint, tcp, tls, udp, plugin));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Forwarder start() {
        var forwarder = Launch.with("--config", file.toString()).start();
        List.of("tcp", "tls", "udp", "loopback").forEach(forwarder::address);
        return forwarder;
    }

    /** {@return members of all endpoints of whichever forwarder runs} */
    HonestTraffic traffic(Supplier<Forwarder> running) {
        return new HonestTraffic(
                new HonestTraffic.Access() {
                    @Override
                    public TcpClient connect() {
                        return TcpClient.connect(running.get().tcp());
                    }

                    @Override
                    public TcpClient connectFar() {
                        return connect();
                    }

                    @Override
                    public TcpClient connectSecurely() {
                        return TcpClient.connectSecurely(running.get().address("tls"), certificates.context());
                    }

                    @Override
                    public UdpClient openUdp() {
                        return UdpClient.to(running.get().udp());
                    }
                },
                () -> TcpClient.connect(running.get().address("loopback")));
    }
}
