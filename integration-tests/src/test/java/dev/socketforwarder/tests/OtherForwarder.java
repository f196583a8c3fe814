package dev.socketforwarder.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What another forwarder that sends on to this one looks like from here: whatever its registered address is sent comes back from
 * another one of its host. It looks at no payload and has no limit, so that ending the circle is left to the one forwarder here.
 */
final class OtherForwarder implements AutoCloseable {
    private static final int FIRST_HOPS = 63;
    private static final int LAST_HOPS = 33;

    private final Scene scene;
    private final boolean countsHops;
    private final UdpClient registrar;
    private final UdpClient member;
    private final DatagramSocket sender;
    private final Thread thread;
    private final Map<ByteBuffer, Integer> hops = new HashMap<>();
    private final AtomicLong rounds = new AtomicLong();

    /**
     * Register one.
     *
     * @param countsHops whether each round leaves it with fewer hops, as from native sockets; else always with the same
     */
    OtherForwarder(Scene scene, boolean countsHops) {
        this.scene = scene;
        this.countsHops = countsHops;
        var host = scene.strangers().host();
        var source = new InetSocketAddress(scene.strangers().far(), 0);
        registrar = scene.strangerByUdp(Scene.LOOP_PORT);
        member = scene.strangerByUdp(Scene.LOOP_PORT);
        sender = host.make(() -> new DatagramSocket(source));
        // Java sets no hop limit, but a traffic class: that says here which limit the kernel is to write.
        var limits = IntStream.rangeClosed(LAST_HOPS, FIRST_HOPS)
                .mapToObj(limit -> "ip dscp " + limit + " ip ttl set " + limit)
                .collect(Collectors.joining("\n"));
        host.run("nft -f -", """
                table ip hops {
                  chain out { type filter hook output priority 0; udp dport != %d accept;
                %s
                  }
                }
                """.formatted(Scene.LOOP_PORT, limits));
        thread = Thread.ofPlatform().daemon().name("other-forwarder").start(this::sendBack);
        registrar.send(TcpClient.PREFIX + member.port());
        scene.forwarder().awaitLine(scene.strangers().far() + ":" + member.port() + " joined ");
    }

    private void sendBack() {
        var forwarder = scene.strangers().near(1);
        try {
            while (true) {
                var datagram = member.receive();
                rounds.incrementAndGet();
                sender.setTrafficClass(hops(datagram) << 2);
                sender.send(new DatagramPacket(
                        datagram, datagram.length, new InetSocketAddress(forwarder, Scene.LOOP_PORT)));
            }
        } catch (IOException | UncheckedIOException _) {
            // The end.
        }
    }

    /** {@return the limit to send this on with: two less than the last time, since the forwarder has taken one as well} */
    private int hops(byte[] datagram) {
        return countsHops
                ? hops.merge(
                        ByteBuffer.wrap(datagram),
                        FIRST_HOPS - 1,
                        (last, first) -> last - 2 >= LAST_HOPS ? last - 2 : first)
                : FIRST_HOPS;
    }

    /** {@return how many datagrams came here} */
    long rounds() {
        return rounds.get();
    }

    @Override
    public void close() {
        registrar.send("SOCKETFORWARDER-LEAVE:" + member.port());
        registrar.close();
        member.close();
        sender.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        scene.strangers().host().run("nft delete table ip hops");
    }
}
