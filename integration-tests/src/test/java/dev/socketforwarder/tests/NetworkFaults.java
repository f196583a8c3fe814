package dev.socketforwarder.tests;

import java.util.List;
import java.util.Random;

/** Faults of the network between the forwarder and the distant host. */
final class NetworkFaults {
    private NetworkFaults() {}

    static List<Fault> all() {
        return List.of(
                Fault.of("a link becomes slow (300 kbit/s)", NetworkFaults::slowLink),
                Fault.of("a host is cut off for a while", NetworkFaults::partition),
                Fault.of("a link loses packets", NetworkFaults::lossyLink),
                Fault.of("an interface goes down and comes back", NetworkFaults::interfaceGone));
    }

    private static void slowLink(Scene scene, Random random) throws InterruptedException {
        var device = scene.far().device();
        var host = scene.network().forwarders();
        host.run("tc qdisc add dev " + device + " root tbf rate 300kbit burst 10kb latency 100ms");
        try {
            Thread.sleep(200 + random.nextInt(500));
        } finally {
            host.run("tc qdisc del dev " + device + " root");
        }
    }

    private static void partition(Scene scene, Random random) throws InterruptedException {
        drop(scene, "", 100 + random.nextInt(600));
    }

    private static void lossyLink(Scene scene, Random random) throws InterruptedException {
        drop(scene, "numgen random mod 100 < " + (5 + random.nextInt(15)) + " ", 300 + random.nextInt(300));
    }

    private static void drop(Scene scene, String which, int millis) throws InterruptedException {
        var host = scene.far().host();
        host.run("nft -f -", """
                table ip fault {
                  chain in { type filter hook input priority 0; %1$sdrop; }
                  chain out { type filter hook output priority 0; %1$sdrop; }
                }
                """.formatted(which));
        try {
            Thread.sleep(millis);
        } finally {
            host.run("nft delete table ip fault");
        }
    }

    private static void interfaceGone(Scene scene, Random random) throws InterruptedException {
        var host = scene.network().forwarders();
        host.run("ip link set dev " + scene.far().device() + " down");
        try {
            Thread.sleep(100 + random.nextInt(500));
        } finally {
            host.run("ip link set dev " + scene.far().device() + " up");
        }
    }
}
