package dev.socketforwarder.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * The hosts of a {@link Campaign}, with the forwarder on one of them: near hosts with an undisturbed network, a distant
 * one behind a disturbed cable, and the strangers'.
 *
 * <p>The forwarder has few descriptors, little memory and short time limits, so that all can be used up quickly. Its
 * wall clock comes from a file (libfaketime), its resolver from another, which nothing else on this machine sees.
 */
final class Scene implements HonestTraffic.Access, AutoCloseable {
    static final int TLS_PORT = 6754;
    /** The endpoint with half-close: keep. */
    static final int KEEP_PORT = 6755;
    /** The endpoint behind a proxy. */
    static final int PROXY_PORT = 6756;
    /** The endpoint for UDP registrations with a challenge. */
    static final int CHALLENGE_PORT = 6757;
    /** The endpoint with length-prefixed messages. */
    static final int LENGTH_PORT = 6758;

    /** UDP of a group of its own, for circles of forwarders. */
    static final int LOOP_PORT = 6759;
    /** UDP by multicast. */
    static final int MULTICAST_PORT = 6760;

    static final int DESCRIPTORS = 700;

    private static final String CONFIGURATION = """
            debug: true
            host-address: 0.0.0.0
            first-message: line
            max-queued: 24MiB
            stall-timeout: 1s
            join-reply: "#joined"
            groups:
              lines: { match: ["lines-*"], framing: line }
            transports:
              tcp: { port: 6753, connect: [{ group: dialled, to: "nobody.invalid:6753" }] }
              tls: { type: tcp, port: 6754, tls: { certificate: "%1$s/server.crt", key: "%1$s/server.key" } }
              keep: { type: tcp, port: 6755, half-close: keep }
              proxied: { type: tcp, port: 6756, proxy-protocol: ["198.18.0.0/15"] }
              prefixed: { type: tcp, port: 6758, framing: length-prefixed }
              udp: { port: 6753 }
              challenged: { type: udp, port: 6757, registration: challenge }
              looped: { type: udp, port: 6759 }
              multicast: { type: udp, port: 6760, interface: %2$s, multicast: ["%3$s"], multicast-members: ["%4$s"] }
            """;

    private final Network network = new Network();
    private final Path folder;
    private final Certificates certificates;
    private final Link near = network.link();
    private final Link far = network.link();
    private final Link strangers = network.link();
    private final Dongle dongle = new Dongle(network.forwarders());
    private final HonestTraffic traffic;
    private Forwarder forwarder;

    Scene(Path folder) {
        this.folder = folder;
        this.certificates = new Certificates(folder);
        certificates.issue("server", near.near(1));
        certificates.certificate("server", folder.resolve("server.crt"));
        certificates.key("server", folder.resolve("server.key"));
        setClock(0);
        setResolver("127.0.0.1");
        start();
        traffic = new HonestTraffic(this);
        traffic.begin();
    }

    private void start() {
        var resolver = folder.resolve("resolv.conf");
        forwarder = Launch.with()
                .inside(network.forwarders())
                .withFile(resolver, "/etc/resolv.conf")
                .descriptors(DESCRIPTORS)
                .preload("faketime/libfaketimeMT.so.1")
                .env("FAKETIME_TIMESTAMP_FILE", folder.resolve("clock").toString())
                .env("FAKETIME_CACHE_DURATION", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .yaml(CONFIGURATION.formatted(
                        folder, Dongle.NAME, Dongle.RECEIVED, Dongle.SENT + ":" + Dongle.SENT_PORT))
                .start();
        for (var endpoint :
                List.of("tcp", "tls", "keep", "proxied", "prefixed", "udp", "challenged", "looped", "multicast")) {
            forwarder.address(endpoint);
        }
    }

    /** Kill the forwarder, and start another. */
    void killAndRestart() {
        traffic.expectEnd();
        forwarder.signal("KILL");
        forwarder.awaitExit();
        traffic.interrupt();
        forwarder.close();
        start();
        traffic.begin();
    }

    /** Set the forwarder's wall clock to this offset in seconds. */
    void setClock(int offset) {
        write("clock", "%+d%n".formatted(offset));
    }

    /** Let the forwarder ask another name server. */
    void setResolver(String address) {
        write("resolv.conf", "nameserver " + address + "\noptions timeout:1 attempts:1\n");
    }

    // In place, since a mounted file cannot be replaced.
    private void write(String file, String content) {
        try {
            Files.writeString(folder.resolve(file), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Network network() {
        return network;
    }

    Forwarder forwarder() {
        return forwarder;
    }

    HonestTraffic traffic() {
        return traffic;
    }

    Link near() {
        return near;
    }

    Link far() {
        return far;
    }

    Link strangers() {
        return strangers;
    }

    Dongle dongle() {
        return dongle;
    }

    /** {@return what trusts the forwarder's certificate} */
    SSLContext trust() {
        return certificates.context();
    }

    /** {@return where the forwarder listens at this port, as the honest neighbours reach it} */
    InetSocketAddress address(int port) {
        return new InetSocketAddress(near.near(1), port);
    }

    /** {@return a stranger's connection} */
    TcpClient stranger(int port) {
        return strangers.host().make(() -> TcpClient.connect(new InetSocketAddress(strangers.near(1), port)));
    }

    /** {@return a stranger's connection with a small receive buffer} */
    TcpClient smallStranger(int port) {
        return strangers.host().make(() -> TcpClient.connectSmall(new InetSocketAddress(strangers.near(1), port)));
    }

    /** {@return a stranger's socket} */
    UdpClient strangerByUdp(int port) {
        return byUdp(strangers, port);
    }

    @Override
    public TcpClient connect() {
        return connect(near);
    }

    @Override
    public TcpClient connectFar() {
        return connect(far);
    }

    private static TcpClient connect(Link link) {
        return link.host().make(() -> TcpClient.connect(link.forwarder()));
    }

    @Override
    public TcpClient connectSecurely() {
        return near.host().make(() -> TcpClient.connectSecurely(address(TLS_PORT), trust()));
    }

    @Override
    public UdpClient openUdp() {
        return byUdp(near, Network.PORT);
    }

    private static UdpClient byUdp(Link link, int port) {
        var source = new InetSocketAddress(link.far(), 0);
        var forwarder = new InetSocketAddress(link.near(1), port);
        return link.host().make(() -> UdpClient.from(source, forwarder));
    }

    @Override
    public void close() {
        try (network) {
            traffic.close();
            forwarder.close();
        }
    }
}
