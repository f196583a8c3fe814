package dev.socketforwarder.tests;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Servers, forwarders and members of a test, which end with it. All forwarders frame by lines. */
final class NatsScene implements AutoCloseable {
    /** A large test of minutes is asked for by {@code -Dnats.long=true}. */
    static final boolean IS_LONG = Boolean.getBoolean("nats.long");

    private static final String LANE = "nats";

    private final List<AutoCloseable> opened = new ArrayList<>();

    <C extends AutoCloseable> C add(C each) {
        synchronized (opened) {
            opened.add(each);
        }
        return each;
    }

    NatsServer server(String... more) {
        return add(NatsServer.alone(more));
    }

    /** {@return the setting that names this server} */
    static String servers(NatsServer server) {
        return "servers: [\"" + server.url() + "\"]";
    }

    /** {@return how to start a forwarder whose endpoint {@code nats} has these settings} */
    static Launch launch(String nats) {
        return Launch.with().yaml("""
                debug: true
                host-address: 127.0.0.1
                framing: line
                first-message: line
                max-message-size: 64KiB
                transports:
                  tcp: { port: 0 }
                  nats: { %s }
                """.formatted(nats));
    }

    /** Start a forwarder that shares its groups over these servers, and wait for its connection to one of them. */
    Forwarder forwarder(String nats) {
        return connected(launch(nats));
    }

    Forwarder forwarder(NatsServer server) {
        return forwarder(servers(server));
    }

    Forwarder connected(Launch launch) {
        var forwarder = add(launch.start());
        forwarder.awaitLine("nats connected to ");
        return forwarder;
    }

    TcpClient join(Forwarder forwarder, String group) {
        return add(forwarder.join(group));
    }

    /** Send lines that are no {@link CheckedLine} until one has come to each of these members, on whatever forwarder. */
    static void meet(TcpClient sender, CheckedReader... readers) {
        var before = new long[readers.length];
        for (int i = 0; i < readers.length; i++) {
            before[i] = readers[i].foreign();
        }
        await("that a line reaches all members")
                .atMost(Forwarder.LIMIT)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    sender.send(CheckedLine.FOREIGN + "\n");
                    for (int i = 0; i < readers.length; i++) {
                        if (readers[i].foreign() == before[i]) {
                            return false;
                        }
                    }
                    return true;
                });
    }

    /** Send the lines with these numbers. */
    static void send(TcpClient client, int sender, long from, long to) {
        for (long number = from; number < to; number++) {
            client.send(new CheckedLine(LANE, sender, number).bytes());
        }
    }

    @Override
    public void close() {
        Closing.all(opened.reversed());
    }
}
