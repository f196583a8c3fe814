package dev.socketforwarder.tests;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads from /proc/net/tcp what the kernel holds for a TCP connection of this machine. */
final class KernelQueues {

    /**
     * The queues of one socket.
     *
     * @param unacknowledged bytes written that the other side's kernel has not acknowledged
     * @param unread bytes received that the program has not read
     */
    record Queues(long unacknowledged, long unread) {}

    private KernelQueues() {}

    /** Wait until the program behind {@code server} has read what {@code client} wrote. */
    static void awaitRead(InetSocketAddress client, InetSocketAddress server) {
        await("that the forwarder reads what " + client + " sent")
                .atMost(Forwarder.LIMIT)
                .pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .until(() -> unacknowledged(client, server) == 0 && unread(client, server) == 0);
    }

    /** {@return how many bytes of {@code client}, which must be open, the server's kernel has not received} */
    static long unacknowledged(InetSocketAddress client, InetSocketAddress server) {
        return of(client, server)
                .orElseThrow(() -> new AssertionError(client + " is not connected any more"))
                .unacknowledged();
    }

    /** {@return how many bytes of {@code client} wait in the server's kernel; 0 if the connection is gone} */
    static long unread(InetSocketAddress client, InetSocketAddress server) {
        return of(server, client).map(Queues::unread).orElse(0L);
    }

    private static Optional<Queues> of(InetSocketAddress local, InetSocketAddress remote) {
        var wanted = hex(local.getPort()) + " " + hex(remote.getPort());
        // A dual-stack socket is in the second file, whatever its peer's family.
        for (var file : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (var line : lines(file)) {
                // sl local_address rem_address st tx_queue:rx_queue ...
                var fields = line.trim().split("\\s+");
                if (fields.length > 4 && wanted.equals(port(fields[1]) + " " + port(fields[2]))) {
                    var queues = fields[4].split(":");
                    return Optional.of(new Queues(Long.parseLong(queues[0], 16), Long.parseLong(queues[1], 16)));
                }
            }
        }
        return Optional.empty();
    }

    private static List<String> lines(String file) {
        try {
            return Files.exists(Path.of(file)) ? Files.readAllLines(Path.of(file)) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hex(int port) {
        return String.format(Locale.ROOT, "%04X", port);
    }

    private static String port(String address) {
        return address.substring(address.indexOf(':') + 1);
    }
}
