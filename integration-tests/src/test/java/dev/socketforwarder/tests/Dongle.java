package dev.socketforwarder.tests;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.time.Duration;

/** A network interface for multicast alone, which can be taken out of its host. */
final class Dongle {
    static final String NAME = "dongle";
    /** What the forwarder is a member of. */
    static final String RECEIVED = "239.77.1.2";
    /** What is a member of the forwarder's, with {@link #SENT_PORT}. */
    static final String SENT = "239.77.1.3";

    static final int SENT_PORT = 5000;

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Namespace host;

    /** Put one into {@code host}. */
    Dongle(Namespace host) {
        this.host = host;
        putIn();
    }

    void putIn() {
        host.run("sh", """
                ip link add %1$s type veth peer name other
                ip link set dev other up
                ip address add 198.18.99.1/24 dev %1$s
                ip link set dev %1$s up
                """.formatted(NAME));
    }

    void takeOut() {
        host.run("ip link del dev " + NAME);
    }

    /** Send to the forwarder through the interface, until it sends the same on through the interface. */
    void awaitAnswer() {
        host.make(() -> {
            var dongle = NetworkInterface.getByName(NAME);
            try (var program = new MulticastSocket(SENT_PORT)) {
                program.setSoTimeout(50);
                program.setOption(StandardSocketOptions.IP_MULTICAST_IF, dongle);
                program.joinGroup(new InetSocketAddress(SENT, 0), dongle);
                var datagram = new byte[] {CheckedLine.FOREIGN};
                var to = InetAddress.ofLiteral(RECEIVED);
                for (long begin = System.nanoTime(); System.nanoTime() - begin < LIMIT.toNanos(); ) {
                    program.send(new DatagramPacket(datagram, 1, to, Scene.MULTICAST_PORT));
                    if (hears(program)) {
                        return null;
                    }
                }
            }
            throw new AssertionError("no multicast within " + LIMIT);
        });
    }

    private static boolean hears(MulticastSocket program) throws IOException {
        try {
            program.receive(new DatagramPacket(new byte[1], 1));
            return true;
        } catch (SocketTimeoutException _) {
            return false;
        }
    }
}
