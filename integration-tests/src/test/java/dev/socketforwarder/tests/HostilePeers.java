package dev.socketforwarder.tests;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** What strangers do on purpose: take what is bounded, and send what is wrong. */
final class HostilePeers {
    private static final byte[] RECORD_HEADER = {0x16, 3, 1, 0x3f, (byte) 0xff, 1};
    private static final byte[] PROXY_SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

    private HostilePeers() {}

    static List<Fault> all() {
        return List.of(
                Fault.of("strangers say nothing", HostilePeers::sayNothing),
                Fault.of("strangers send what is no first message", HostilePeers::sendGarbage),
                Fault.of("strangers begin TLS records and stop", HostilePeers::beginRecords),
                Fault.of("strangers join, half-close and reset", HostilePeers::halfCloseAndReset),
                Fault.of("strangers send a byte each, all at once", HostilePeers::sendTogether),
                Fault.of("strangers begin large messages and stop", HostilePeers::beginMessages),
                Fault.of("strangers send lengths that are wrong", HostilePeers::sendLengths),
                Fault.of("strangers name a group of another framing", HostilePeers::squat),
                Fault.of("strangers send urgent bytes", HostilePeers::sendUrgently),
                Fault.of("strangers forge PROXY headers", HostilePeers::forgeProxyHeaders),
                Fault.of("strangers register all they can", HostilePeers::register),
                Fault.of("strangers forge and reflect cookies", HostilePeers::forgeCookies),
                Fault.of("strangers send datagrams of every size", HostilePeers::sendDatagrams));
    }

    /** Connect this many, let each act, check that others still get in, and reset them. */
    private static void together(Scene scene, int port, int count, Consumer<TcpClient> act) {
        var strangers = new ArrayList<TcpClient>();
        try {
            for (int i = 0; i < count; i++) {
                var stranger = scene.stranger(port);
                strangers.add(stranger);
                Attempts.quietly(() -> act.accept(stranger));
            }
            scene.traffic().admitNewcomers();
        } finally {
            Attempts.closeAll(strangers);
        }
    }

    private static void sayNothing(Scene scene, Random random) {
        together(scene, random.nextBoolean() ? Network.PORT : Scene.TLS_PORT, 200, _ -> {});
    }

    private static void sendGarbage(Scene scene, Random random) {
        together(scene, random.nextBoolean() ? Network.PORT : Scene.LENGTH_PORT, 60, stranger -> {
            var garbage = bytes(random, 1 + random.nextInt(2_000));
            if (random.nextBoolean()) {
                stranger.send(TcpClient.PREFIX.substring(0, random.nextInt(TcpClient.PREFIX.length())));
            }
            stranger.send(garbage);
        });
    }

    private static void beginRecords(Scene scene, Random random) {
        together(scene, Scene.TLS_PORT, 150, stranger -> stranger.send(RECORD_HEADER, 0, 1 + random.nextInt(6)));
    }

    private static void halfCloseAndReset(Scene scene, Random random) {
        together(scene, Scene.KEEP_PORT, 60, stranger -> {
            stranger.join("strangers").finish();
            if (random.nextBoolean()) {
                stranger.reset();
            }
        });
    }

    private static void sendTogether(Scene scene, Random random) {
        var strangers = new ArrayList<TcpClient>();
        together(scene, Network.PORT, 150, stranger -> strangers.add(stranger.join("crowd")));
        strangers.forEach(stranger -> Attempts.quietly(() -> stranger.send(bytes(random, 1))));
    }

    private static void beginMessages(Scene scene, Random random) {
        var part = bytes(random, 60_000);
        together(
                scene,
                Scene.LENGTH_PORT,
                30,
                stranger -> stranger.join("prefixed")
                        .send(ByteBuffer.allocate(4).putInt(1 << 20).array())
                        .send(part));
    }

    private static void sendLengths(Scene scene, Random random) {
        together(
                scene,
                Scene.LENGTH_PORT,
                30,
                stranger -> stranger.join("prefixed")
                        .send(ByteBuffer.allocate(4).putInt(random.nextInt()).array())
                        .send(bytes(random, 100)));
    }

    private static void squat(Scene scene, Random random) {
        together(
                scene,
                Scene.LENGTH_PORT,
                20,
                stranger -> stranger.join(random.nextBoolean() ? HonestTraffic.LINES : "lines-newcomers"));
    }

    private static void sendUrgently(Scene scene, Random random) {
        together(scene, Network.PORT, 20, stranger -> {
            stranger.join("lines-urgent").sendUrgent(random.nextInt(256));
            stranger.send("more\n").sendUrgent('\n');
        });
    }

    private static void forgeProxyHeaders(Scene scene, Random random) {
        together(scene, Scene.PROXY_PORT, 40, stranger -> {
            if (random.nextBoolean()) {
                stranger.send(PROXY_SIGNATURE).send(bytes(random, 4 + random.nextInt(60)));
            } else {
                stranger.send("PROXY TCP" + random.nextInt(10) + " 1.2.3.4 5.6.7.8 " + random.nextInt() + " 5\r\n");
            }
        });
    }

    private static void register(Scene scene, Random random) {
        try (var stranger = scene.strangerByUdp(Network.PORT)) {
            // A different port for each; most have no listener.
            int first = 1_024 + random.nextInt(30_000);
            for (int i = 0; i < 5_000; i++) {
                stranger.send(TcpClient.PREFIX + (first + i));
            }
            for (int i = 0; i < 5_000; i++) {
                stranger.send("SOCKETFORWARDER-LEAVE:" + (first + i));
            }
        }
    }

    private static void forgeCookies(Scene scene, Random random) {
        try (var challenged = scene.strangerByUdp(Scene.CHALLENGE_PORT);
                var open = scene.strangerByUdp(Network.PORT)) {
            for (int i = 0; i < 200; i++) {
                var cookie = letters(random, 11);
                challenged.send(TcpClient.PREFIX + (1_024 + random.nextInt(60_000)) + ":" + cookie);
                // Nothing that one endpoint forwards may serve as an answer to another; honest members would see it.
                open.send("SFCOOKIE:" + cookie);
            }
        }
    }

    private static void sendDatagrams(Scene scene, Random random) {
        try (var stranger = scene.strangerByUdp(Network.PORT)) {
            for (int i = 0; i < 50; i++) {
                var datagram = bytes(random, 1 + random.nextInt(random.nextBoolean() ? 100 : 60_000));
                datagram[0] = CheckedLine.FOREIGN;
                stranger.send(datagram);
            }
        }
    }

    private static byte[] bytes(Random random, int count) {
        var bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static String letters(Random random, int count) {
        return random.ints(count, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
