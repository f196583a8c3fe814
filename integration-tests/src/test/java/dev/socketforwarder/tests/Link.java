package dev.socketforwarder.tests;

import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * A cable of a {@link Network} from the forwarder's host to another host.
 *
 * @param number determines its addresses
 * @param forwarders the forwarder's host
 * @param device the cable's device there
 * @param host the other host, whose device is {@code eth0}
 * @param far the other host's address
 * @param opened receives each socket that is opened
 */
record Link(
        int number, Namespace forwarders, String device, Namespace host, String far, Consumer<AutoCloseable> opened) {

    /** {@return the forwarder's address as seen through this link} */
    InetSocketAddress forwarder() {
        return new InetSocketAddress(near(1), Network.PORT);
    }

    /** {@return an address of the forwarder's end} */
    String near(int last) {
        return "198.18." + number + "." + last;
    }

    /** {@return an IPv6 address of the forwarder's end} */
    String nearSix(int last) {
        return "fd00:198:18:" + number + ":0:0:0:" + last;
    }

    /** {@return the IPv6 address of the other end} */
    String farSix() {
        return nearSix(2);
    }

    /** Give both ends an IPv6 address. */
    void addSix() {
        // Without "nodad" the addresses could not be used for a second.
        forwarders.run("ip address add " + nearSix(1) + "/64 dev " + device + " nodad");
        host.run("ip address add " + farSix() + "/64 dev eth0 nodad");
    }

    /** {@return a socket at the other end, on a free port} */
    UdpClient client() {
        return client(0);
    }

    /** {@return a socket at the other end, on a port that is surely free} */
    UdpClient client(int port) {
        return client(far, port, forwarder());
    }

    /** {@return a socket at an address of the other end} */
    UdpClient client(String source, int port, InetSocketAddress forwarder) {
        var client = host.make(() -> UdpClient.from(new InetSocketAddress(source, port), forwarder));
        opened.accept(client);
        return client;
    }

    /** {@return a TCP connection from the other end} */
    TcpClient connect() {
        var client = host.make(() -> TcpClient.connect(forwarder()));
        opened.accept(client);
        return client;
    }

    /** {@return how many packets the forwarder's host has sent here, counting a segmented send once} */
    long sentPackets() {
        return forwarders.sentPackets(device);
    }
}
