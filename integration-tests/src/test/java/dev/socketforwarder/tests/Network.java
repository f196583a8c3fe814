package dev.socketforwarder.tests;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Hosts in network namespaces, with a forwarder on one of them. Each other host has a cable (a pair of veth devices) to
 * that one. Nothing touches this machine's own network, and everything is gone when this is closed or the tests are
 * stopped.
 *
 * <p>Addresses are in 198.18.0.0/15, which is for tests of networks (RFC 2544), and correspondingly in fd00::/8.
 */
final class Network implements AutoCloseable {
    static final int PORT = 6753;

    /**
     * A host that is reached through a router.
     *
     * @param link the cable to the router, which opens sockets on the host behind it
     * @param router the router; its device to the forwarder is {@code up}, the one to the host {@code down}
     */
    record Routed(Link link, Namespace router) {}

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Namespace forwarders = create();
    private int links;
    private Forwarder forwarder;

    private Namespace create() {
        var made = Namespace.create();
        open.add(made);
        return made;
    }

    /** {@return the host of the forwarder} */
    Namespace forwarders() {
        return forwarders;
    }

    /** Add a host on a cable with Ethernet's MTU. */
    Link link() {
        return link(1500);
    }

    /** Add a host on a cable with this MTU. */
    Link link(int mtu) {
        int number = ++links;
        var link = new Link(number, forwarders, "link" + number, create(), "198.18." + number + ".2", open::add);
        connect(forwarders, link.device(), link.host(), "eth0", mtu);
        address(forwarders, link.device(), link.near(1));
        address(link.host(), "eth0", link.far());
        return link;
    }

    /** Add a host behind a router, on a cable with this MTU. */
    Routed routed(int mtu) {
        int number = ++links;
        var router = create();
        var link = new Link(number, forwarders, "link" + number, create(), "198.19." + number + ".2", open::add);
        connect(forwarders, link.device(), router, "up", 1500);
        connect(router, "down", link.host(), "eth0", mtu);
        address(forwarders, link.device(), link.near(1));
        address(router, "up", link.near(3));
        address(router, "down", "198.19." + number + ".1");
        address(link.host(), "eth0", link.far());
        link.host().run("ip route add default via 198.19." + number + ".1");
        forwarders.run("ip route add " + link.far() + "/32 via " + link.near(3));
        router.run("tee /proc/sys/net/ipv4/ip_forward", "1");
        return new Routed(link, router);
    }

    private static void connect(Namespace one, String device, Namespace other, String otherDevice, int mtu) {
        one.run("ip link add name " + device + " mtu " + mtu + " type veth peer name " + otherDevice + " mtu " + mtu
                + " netns " + other.pid());
        one.run("ip link set dev " + device + " up");
        other.run("ip link set dev " + otherDevice + " up");
    }

    private static void address(Namespace host, String device, String address) {
        host.run("ip address add " + address + "/24 dev " + device);
    }

    /** Start the forwarder with {@code debug} and these settings of the endpoint {@code udp}; it has TCP too. */
    Forwarder start(String udp) {
        return start("0.0.0.0", udp);
    }

    /** Start the forwarder on other addresses. */
    Forwarder start(String hostAddress, String udp) {
        forwarder = Launch.with()
                .inside(forwarders)
                .yaml("debug: true\nhost-address: \"" + hostAddress + "\"\ntransports:\n  tcp: { port: " + PORT
                        + " }\n  udp: { port: " + PORT + ", " + udp + " }\n")
                .start();
        open.add(forwarder);
        return forwarder;
    }

    /** {@return a member at the other end of {@code link}} */
    UdpClient member(Link link) {
        return registered(link.client());
    }

    /** Register a socket, and wait until it is a member. */
    UdpClient registered(UdpClient client) {
        client.register();
        var shown = Ipv6.shown(client.host(), client.port());
        forwarder.awaitLine(line -> line.contains(shown + " joined "), shown + " registered");
        return client;
    }

    /** Stop the forwarder while these send, so that it finds everything at once. */
    void atOnce(Runnable sends) {
        forwarder.signal("STOP");
        await().atMost(Forwarder.LIMIT).pollInterval(Duration.ofMillis(5)).until(this::isStopped);
        sends.run();
        forwarder.signal("CONT");
    }

    private boolean isStopped() {
        try (var threads = Files.list(Path.of("/proc/" + forwarder.pid() + "/task"))) {
            return threads.map(Network::state).allMatch(state -> state.startsWith("T"));
        } catch (UncheckedIOException _) {
            return false; // a thread ended while we looked
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String state(Path thread) {
        try {
            var stat = Files.readString(thread.resolve("stat"));
            return stat.substring(stat.lastIndexOf(')') + 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return what the forwarder's UDP endpoint has counted so far} */
    long total(String word) {
        return forwarder.total("udp", word);
    }

    @Override
    public void close() {
        Closing.all(open.reversed());
    }
}
