package dev.socketforwarder.tests;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Faults of the forwarder's process and its machine. */
final class ProcessFaults {
    private ProcessFaults() {}

    static List<Fault> all() {
        return List.of(
                Fault.of("the process is paused", ProcessFaults::pause),
                Fault.of("the clock is set", ProcessFaults::setClock),
                Fault.of("descriptors run out", ProcessFaults::useUpDescriptors),
                Fault.of("memory for queued bytes runs out", ProcessFaults::useUpMemory),
                Fault.of("DNS does not answer", ProcessFaults::silenceDns),
                Fault.of("nobody reads the log", ProcessFaults::stickLog),
                Fault.thatLoses("the process is killed and started again", (scene, _) -> scene.killAndRestart()));
    }

    private static void pause(Scene scene, Random random) throws InterruptedException {
        scene.forwarder().signal("STOP");
        try {
            Thread.sleep(100 + random.nextInt(700));
        } finally {
            scene.forwarder().signal("CONT");
        }
    }

    private static void setClock(Scene scene, Random random) throws InterruptedException {
        scene.setClock(random.nextInt(-100_000, 100_000));
        Thread.sleep(100);
        scene.setClock(0);
    }

    private static void useUpDescriptors(Scene scene, Random random) {
        var strangers = new ArrayList<TcpClient>();
        try {
            for (int i = 0; i < Scene.DESCRIPTORS; i++) {
                var stranger = scene.stranger(Network.PORT);
                strangers.add(stranger);
                if (random.nextInt(4) == 0) {
                    Attempts.quietly(() -> stranger.join("strangers-" + random.nextInt(10)));
                }
            }
            scene.traffic().admitNewcomers();
        } finally {
            Attempts.closeAll(strangers);
        }
    }

    /** Let members of many groups stop reading, each group just below its own bound. */
    private static void useUpMemory(Scene scene, Random random) throws InterruptedException {
        var strangers = new ArrayList<TcpClient>();
        var chunk = new byte[65_536];
        try (var together = new Together()) {
            for (int i = 0; i < 30; i++) {
                var group = "full-" + i;
                var reader = scene.smallStranger(Network.PORT).join(group);
                var sender = scene.stranger(Network.PORT).join(group);
                strangers.add(reader);
                strangers.add(sender);
                together.start(() -> Attempts.quietly(() -> {
                    for (int sent = 0; sent < 64; sent++) {
                        sender.send(chunk);
                    }
                }));
            }
            Thread.sleep(300 + random.nextInt(300));
            scene.traffic().admitNewcomers();
        } finally {
            Attempts.closeAll(strangers);
        }
    }

    private static void silenceDns(Scene scene, Random random) throws InterruptedException {
        // Nobody has this address, and nothing reports that.
        scene.setResolver("198.18.1.9");
        try {
            Thread.sleep(200 + random.nextInt(300));
            scene.traffic().admitNewcomers();
        } finally {
            scene.setResolver("127.0.0.1");
        }
    }

    /** Let its pipe fill up, since each join and each leave is logged. */
    private static void stickLog(Scene scene, Random random) {
        var released = scene.forwarder().err().stick();
        try {
            for (int i = 0; i < 150; i++) {
                var strangers = new ArrayList<TcpClient>();
                for (int j = 0; j < 4; j++) {
                    strangers.add(scene.stranger(Network.PORT).join("log-" + "x".repeat(100)));
                }
                Attempts.closeAll(strangers);
            }
            scene.traffic().admitNewcomers();
        } finally {
            released.run();
        }
    }
}
