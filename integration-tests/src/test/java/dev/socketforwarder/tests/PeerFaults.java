package dev.socketforwarder.tests;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Failures of members of an honest group. They send only foreign lines, which honest members ignore. */
final class PeerFaults {
    private static final String UNFINISHED = CheckedLine.FOREIGN + "unfinished";

    private PeerFaults() {}

    static List<Fault> all() {
        return List.of(
                Fault.of("a member resets its connection", PeerFaults::reset),
                Fault.of("a member leaves in the middle of a message", PeerFaults::leaveUnfinished),
                Fault.of("a member reads nothing any more", PeerFaults::silence),
                Fault.of("a member half-closes, and resets", PeerFaults::halfClose),
                Fault.of("a member reads slowly", PeerFaults::readSlowly));
    }

    private static void reset(Scene scene, Random random) {
        var members = join(scene, Network.PORT, random.nextBoolean() ? HonestTraffic.RAW : HonestTraffic.LINES, 5);
        for (var member : members) {
            if (random.nextBoolean()) {
                member.receive(new byte[1 + random.nextInt(20_000)]);
            }
            member.reset();
        }
    }

    private static void leaveUnfinished(Scene scene, Random random) {
        for (var member : join(scene, Network.PORT, HonestTraffic.LINES, 5)) {
            member.send(CheckedLine.FOREIGN + "whole\n" + UNFINISHED.substring(0, 1 + random.nextInt(8)));
            if (random.nextBoolean()) {
                member.reset();
            } else {
                member.leave();
            }
        }
    }

    private static void silence(Scene scene, Random random) throws InterruptedException {
        var member = scene.smallStranger(Network.PORT).join(HonestTraffic.RAW);
        // Below and above the time after which the forwarder calls it stalled.
        Thread.sleep(200 + random.nextInt(600));
        member.reset();
    }

    private static void halfClose(Scene scene, Random random) {
        for (var member : join(scene, Scene.KEEP_PORT, HonestTraffic.RAW, 5)) {
            member.finish();
            if (random.nextBoolean()) {
                member.receive(new byte[1 + random.nextInt(20_000)]);
            }
            member.reset();
        }
    }

    private static void readSlowly(Scene scene, Random random) throws InterruptedException {
        var buffer = new byte[4_096];
        try (var member = scene.smallStranger(Network.PORT).join(HonestTraffic.RAW)) {
            int reads = 20 + random.nextInt(40);
            for (int i = 0; i < reads; i++) {
                member.receive(buffer);
                Thread.sleep(10); // the slow pace
            }
            member.reset();
        } catch (UncheckedIOException e) {
            throw new AssertionError("a slow member is closed: " + e.getMessage(), e);
        }
    }

    private static List<TcpClient> join(Scene scene, int port, String group, int count) {
        var members = new ArrayList<TcpClient>();
        for (int i = 0; i < count; i++) {
            members.add(scene.stranger(port).join(group));
        }
        return members;
    }
}
