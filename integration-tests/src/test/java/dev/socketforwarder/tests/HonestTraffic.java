package dev.socketforwarder.tests;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Well-behaved members in lanes of each kind: raw bytes, lines of two senders at once, TLS beside plain TCP, UDP, and a
 * lane to a distant host, which alone suffers from the network faults there.
 */
final class HonestTraffic implements AutoCloseable {
    /** How long everything sent before the end of a fault may take to arrive. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Receivers of what the one sender of datagrams sends. */
    static final int DATAGRAM_RECEIVERS = 2;

    static final String RAW = "raw-bulk";
    static final String LINES = "lines-two";

    /** Connects honest members to the forwarder that is tested. */
    interface Access {
        TcpClient connect();

        /** {@return a connection of a distant host} */
        TcpClient connectFar();

        TcpClient connectSecurely();

        UdpClient openUdp();
    }

    private final Access access;
    private final Lane raw = new Lane(RAW, 1, 3, 12, false);
    private final Lane lines = new Lane(LINES, 2, 2, 2, false);
    private final Lane mixed = new Lane("lines-tls", 1, 2, 1, false);
    private final Lane far = new Lane("raw-far", 1, 2, 1, false);
    private final Lane udp = new Lane("udp", 1, DATAGRAM_RECEIVERS, 1, true);
    private final Map<Lane, Supplier<TcpClient>> further = new LinkedHashMap<>();
    private final List<Lane> lanes = new ArrayList<>(List.of(raw, lines, mixed, far, udp));

    /** Prepare lanes, with one more for each of these {@code further} ways to connect. */
    @SafeVarargs
    HonestTraffic(Access access, Supplier<TcpClient>... further) {
        this.access = access;
        for (var connect : further) {
            var lane = new Lane("lines-further-" + this.further.size(), 1, 2, 1, false);
            this.further.put(lane, connect);
            lanes.add(lane);
        }
    }

    /** Let all members join and send. */
    void begin() {
        raw.begin(tcp(raw, access::connect));
        lines.begin(tcp(lines, access::connect));
        mixed.begin(tcp(mixed, access::connectSecurely));
        far.begin(tcp(far, access::connectFar));
        further.forEach((lane, connect) -> lane.begin(tcp(lane, connect)));
        udp.begin(datagrams());
    }

    /** The first receiver is a neighbour through plain TCP, whatever the others are. */
    private Lane.Members tcp(Lane lane, Supplier<TcpClient> connect) {
        var sockets = new ArrayList<AutoCloseable>();
        var inlets = new ArrayList<Lane.Inlet>();
        for (int i = 0; i < lane.receivers(); i++) {
            var client = i == 0 ? access.connect() : connect.get();
            sockets.add(client);
            inlets.add(new LineInlet(client.join(lane.name())).joined());
        }
        var outlets = new ArrayList<Lane.Outlet>();
        for (int i = 0; i < lane.senders(); i++) {
            var client = connect.get();
            sockets.add(client);
            new LineInlet(client.join(lane.name())).joined();
            Thread.ofVirtual().start(() -> readOn(client));
            outlets.add(client::send);
        }
        return new Lane.Members(outlets, inlets, sockets);
    }

    /** Read what the other senders send, since a sender that did not would be closed as stalled. */
    private static void readOn(TcpClient client) {
        var buffer = new byte[65_536];
        try {
            while (client.receive(buffer) >= 0) {
                // The receivers check.
            }
        } catch (UncheckedIOException _) {
            // The end, or a read timeout where no other member sends.
        }
    }

    private Lane.Members datagrams() {
        var sender = access.openUdp();
        var sockets = new ArrayList<AutoCloseable>(List.of(sender));
        var inlets = new ArrayList<Lane.Inlet>();
        for (int i = 0; i < udp.receivers(); i++) {
            var receiver = access.openUdp();
            sockets.add(receiver);
            receiver.registerUntilHeard(sender, CheckedLine.FOREIGN + "probe\n");
            inlets.add(receiver::receive);
        }
        return new Lane.Members(List.of(sender::send), inlets, sockets);
    }

    /** Reads the lines that a TCP connection receives. */
    private static final class LineInlet implements Lane.Inlet {
        private final TcpClient client;
        private final byte[] buffer = new byte[65_536];
        private int from;
        private int to;

        LineInlet(TcpClient client) {
            this.client = client;
        }

        /** Wait for the reply to the join. */
        LineInlet joined() {
            var reply = next();
            if (reply == null || !CheckedLine.isForeign(reply)) {
                throw new AssertionError("no reply to the join of " + client.shown());
            }
            return this;
        }

        @Override
        public byte[] next() {
            var line = new ByteArrayOutputStream();
            while (true) {
                if (from == to) {
                    from = 0;
                    to = client.receive(buffer);
                    if (to < 0) {
                        return null;
                    }
                }
                int begin = from;
                while (from < to && buffer[from++] != '\n') {
                    // on to the line feed
                }
                line.write(buffer, begin, from - begin);
                if (buffer[from - 1] == '\n') {
                    return line.toByteArray();
                }
            }
        }
    }

    /** Wait until everything sent so far has arrived. */
    Duration settle() {
        long begin = System.nanoTime();
        var marks = lanes.stream().map(Lane::mark).toList();
        for (int i = 0; i < marks.size(); i++) {
            var lane = lanes.get(i);
            var mark = marks.get(i);
            try {
                await().pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(2))
                        .atMost(PATIENCE)
                        .until(() -> lane.hasReached(mark));
            } catch (ConditionTimeoutException _) {
                throw new AssertionError("what was sent has not arrived: " + lane.progress());
            }
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Accept that connections end from now on, since the forwarder will be killed. */
    void expectEnd() {
        lanes.forEach(Lane::expectEnd);
    }

    /** Close all members after the forwarder was killed, and count what they have not received as lost. */
    void interrupt() {
        lanes.forEach(Lane::interrupt);
    }

    /** Send nothing more. */
    void fallSilent() {
        lanes.forEach(Lane::fallSilent);
    }

    /**
     * Wait until the forwarder has ended all connections in good order, as its stop does.
     *
     * @param isComplete whether everything that was sent by connections must have arrived
     */
    void awaitEnd(boolean isComplete) {
        lanes.stream().filter(lane -> lane != udp).forEach(lane -> lane.awaitEnd(isComplete));
        lanes.forEach(Lane::interrupt);
    }

    /** Accept that the forwarder ends the connections from now on, but not that it resets those of receivers. */
    void expectOrderlyEnd() {
        lanes.forEach(Lane::expectOrderlyEnd);
    }

    /** {@return how many datagrams receivers missed} */
    long lostDatagrams() {
        return udp.lost();
    }

    long checkedBytes() {
        return lanes.stream().mapToLong(Lane::checkedBytes).sum();
    }

    /** {@return how many messages receivers missed} */
    long lost() {
        return lanes.stream().mapToLong(Lane::lost).sum();
    }

    /** Let a new client join a group, and hear another. */
    void admitNewcomers() {
        try (var one = access.connect();
                var other = access.connect()) {
            var inlet = new LineInlet(one.join("lines-newcomers")).joined();
            new LineInlet(other.join("lines-newcomers")).joined();
            other.send("hello\n");
            var heard = inlet.next();
            if (heard == null || heard.length != 6) {
                throw new AssertionError("a newcomer is not heard");
            }
        } catch (UncheckedIOException e) {
            throw new AssertionError("a newcomer is not admitted: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        lanes.forEach(Lane::end);
    }
}
