package dev.socketforwarder.tests;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** What the README's pictures show: a handful of busy groups, a slow member, and a peer that was refused. */
final class Showcase {
    private static final Duration FRAME = Duration.ofMillis(40);
    private static final List<String> SAYINGS = List.of(
            "ada: the north mast is back, signal 84 %",
            "grace: thanks, I restart the logger",
            "katherine: wind 7.2 m/s, gusts 11",
            "margaret: camera 2 looks good again",
            "alan: 22.4 degrees in the cabinet, fan off",
            "ada: please leave channel 3 open until five");

    private final Forwarder forwarder;
    private final SteadyTraffic traffic;
    private int address = 10; // the last number of the next source address
    private int said;

    private Showcase(Forwarder forwarder, SteadyTraffic traffic) {
        this.forwarder = forwarder;
        this.traffic = traffic;
    }

    /** Configure the groups. */
    static Launch configure(Launch launch) {
        for (var setting : List.of(
                "groups.camera.framing=line",
                "groups.camera.slow-member=drop",
                "groups.chat.framing=line",
                "first-message=line",
                "transports.tcp.write-deadline=15m")) {
            launch.arg("--set").arg(setting);
        }
        return launch;
    }

    /** Begin the traffic. */
    static void start(Forwarder forwarder, SteadyTraffic traffic) {
        var showcase = new Showcase(forwarder, traffic);
        showcase.telemetry();
        showcase.camera();
        showcase.chat();
        showcase.robot();
        showcase.datagrams();
        showcase.stranger();
    }

    private TcpClient join(String group) {
        return TcpClient.connectFrom("127.0.0." + address++, forwarder.tcp()).join(group);
    }

    /** One sends, many receive. */
    private void telemetry() {
        traffic.send(join("telemetry"), Duration.ofMillis(20), wave(3_000, 47));
        for (int i = 0; i < 8; i++) {
            traffic.read(join("telemetry"));
        }
    }

    /** One sends frames, three receive, and one of these does not keep up. */
    private void camera() {
        traffic.ignore(TcpClient.connectSmall(forwarder.tcp()).join("camera"));
        traffic.read(join("camera"));
        traffic.read(join("camera"));
        traffic.send(join("camera"), FRAME, wave(24_000, 91));
    }

    /** Everybody sends now and then. */
    private void chat() {
        for (int i = 0; i < 5; i++) {
            traffic.send(join("chat"), Duration.ofMillis(1_900 + 500 * i), this::saying);
        }
    }

    private synchronized String saying() {
        return SAYINGS.get(said++ % SAYINGS.size()) + "\n";
    }

    /** Two talk to each other. */
    private void robot() {
        traffic.send(join("robot"), FRAME, wave(6_000, 29));
        traffic.send(join("robot"), FRAME, wave(2_500, 61));
    }

    private void datagrams() {
        for (int i = 0; i < 3; i++) {
            traffic.ignore(UdpClient.to(forwarder.udp()).register());
        }
        var sender = traffic.ignore(UdpClient.to(forwarder.udp()));
        var sizes = wave(1_200, 37);
        traffic.repeat(Duration.ofMillis(25), () -> sender.send(sizes.get()));
    }

    private void stranger() {
        try (var stranger = TcpClient.connectFrom("127.0.0.66", forwarder.tcp())) {
            stranger.send("GET / HTTP/1.1\r\n\r\n").expectEnd();
        }
    }

    /** {@return lines whose length rises and falls around {@code length}, once in so many seconds} */
    private static Supplier<String> wave(int length, int seconds) {
        return () ->
                "x".repeat((int) (length * (1 + 0.35 * Math.sin(System.nanoTime() * 2e-9 * Math.PI / seconds)))) + "\n";
    }
}
