package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes settings again and again while members send and receive. */
@BothPaths
@Timeout(120)
class AdoptUnderLoadTest {
    private static final int ADOPTIONS = 100;
    private static final int SENDERS = 4;
    private static final int LISTENERS = 3;
    /** The most datagrams on their way from one sender, few enough for every receive buffer. */
    private static final int WINDOW = 50;

    private final Random random = new Random();

    @Parameter
    private IoPath io;

    private volatile boolean done;

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aHundredChangesLoseAndReorderNothing(int sockets) throws Exception {
        var settings = TestServer.settings(io).set("sockets", sockets);
        long threads = udpThreads();
        try (var threadsOfTest = Executors.newCachedThreadPool();
                var server = TestServer.start(settings)) {
            var listeners = new ArrayList<TestPeer>();
            for (int i = 0; i < LISTENERS; i++) {
                listeners.add(server.member());
            }
            var senders = new ArrayList<Sender>();
            for (int i = 0; i < SENDERS; i++) {
                senders.add(new Sender(i, server.member()));
            }
            var sent = start(threadsOfTest, senders);
            var heard = start(
                    threadsOfTest,
                    listeners.stream().map(peer -> new Listener(peer, senders)).toList());
            for (int i = 0; i < ADOPTIONS; i++) {
                assertThat(server.adopt(other(sockets))).isTrue();
            }
            assertThat(server.adopt(TestServer.settings(io).set("sockets", sockets)))
                    .isTrue();
            done = true;
            long total = 0;
            for (var each : sent) {
                total += each.get();
            }
            for (var each : heard) {
                assertThat(each.get()).isEqualTo(total);
            }
            assertThat(total).isGreaterThan(ADOPTIONS);
            server.awaitCount(Counter.MEMBERS, LISTENERS + SENDERS);
            for (var reason : Reason.values()) {
                assertThat(server.count(reason)).as(reason.toString()).isZero();
            }
            assertThat(udpThreads()).isEqualTo(threads + sockets);
            listeners.forEach(TestPeer::close);
            senders.forEach(each -> each.peer.close());
        }
    }

    private static <T> List<Future<T>> start(ExecutorService threads, List<? extends Callable<T>> tasks) {
        return tasks.stream().<Future<T>>map(threads::submit).toList();
    }

    private static long udpThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("udp-udp"))
                .count();
    }

    private TestSettings other(int sockets) {
        var settings = TestServer.settings(io).set("sockets", sockets);
        var changes = List.<Runnable>of(
                () -> settings.set("new-client-prefix", "COME:" + random.nextInt()),
                () -> settings.set("leave-prefix", "GO:" + random.nextInt()),
                () -> settings.set("deny", "192.0.2." + random.nextInt(1, 255)),
                () -> settings.set("allow", "127.0.0.0/8"),
                () -> settings.set("sender-policy", "registered"),
                () -> settings.set("sender-rate", random.nextInt(10_000_000, 20_000_000)),
                () -> settings.set("registration", "challenge"),
                () -> settings.set("registration", "auto"),
                () -> settings.set("registration-rate", random.nextInt(1, 100)),
                () -> settings.set("max-registrations", random.nextInt(1, 100)),
                () -> settings.set("max-registrations-per-address", random.nextInt(1, 100)),
                () -> settings.set("lease", random.nextInt(60, 600) + "s"),
                () -> settings.set("unreachable", "remove"),
                () -> settings.set("unreachable-threshold", random.nextInt(1, 100)),
                () -> settings.set("ttl", random.nextInt(1, 100)),
                () -> settings.set("handshake", "token").set("token-secret", "0123456789abcdef0123456789abcdef"));
        changes.get(random.nextInt(changes.size())).run();
        return settings;
    }

    /** Sends ascending numbers, only so many ahead of the slowest listener. */
    private final class Sender implements Callable<Long> {
        private final int number;
        private final TestPeer peer;
        private final Semaphore[] windows = new Semaphore[LISTENERS];
        private int listening;

        Sender(int number, TestPeer peer) {
            this.number = number;
            this.peer = peer;
            for (int i = 0; i < LISTENERS; i++) {
                windows[i] = new Semaphore(WINDOW);
            }
        }

        Semaphore nextWindow() {
            return windows[listening++];
        }

        @Override
        public Long call() throws IOException, InterruptedException {
            long n = 0;
            while (!done) {
                send("" + n);
                n++;
            }
            send("end");
            return n;
        }

        private void send(String text) throws IOException, InterruptedException {
            for (var window : windows) {
                assertThat(window.tryAcquire(10, TimeUnit.SECONDS))
                        .as("no datagram is lost")
                        .isTrue();
            }
            peer.send(number + " " + text);
        }
    }

    /** Checks that the numbers of each sender come without a gap. */
    private static final class Listener implements Callable<Long> {
        private final TestPeer peer;
        private final List<Semaphore> windows;

        Listener(TestPeer peer, List<Sender> senders) {
            this.peer = peer;
            this.windows = senders.stream().map(Sender::nextWindow).toList();
        }

        @Override
        public Long call() throws IOException {
            var next = new long[SENDERS];
            int ended = 0;
            long all = 0;
            while (ended < SENDERS) {
                var text = peer.receiveText().split(" ");
                int sender = Integer.parseInt(text[0]);
                windows.get(sender).release();
                if (text[1].equals("end")) {
                    ended++;
                } else {
                    assertThat(Long.parseLong(text[1])).isEqualTo(next[sender]++);
                    all++;
                }
            }
            return all;
        }
    }
}
