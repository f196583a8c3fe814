package dev.socketforwarder.tests;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;

/**
 * Reads {@link CheckedLine}s at one member on a thread of its own: every byte is checked, no line may come twice or too early, and
 * those that never came are counted.
 */
final class CheckedReader {

    /** The lines of one sender so far. */
    private record Seen(long last, long missing) {
        static final Seen NONE = new Seen(-1, 0);
    }

    private final TcpClient client;
    private final Map<Integer, Seen> senders = new ConcurrentHashMap<>();
    private volatile long foreign;
    private volatile AssertionError failure; // null while all is well

    /** Begin to read. */
    CheckedReader(TcpClient client) {
        this.client = client;
        Thread.ofVirtual().name("checked-reader").start(this::run);
    }

    private void run() {
        var line = new ByteArrayOutputStream();
        try (var in = new BufferedInputStream(client.input(), 1 << 16)) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                line.write(next);
                if (next == '\n') {
                    take(line.toByteArray());
                    line.reset();
                }
            }
        } catch (IOException _) {
            // The member was closed, or its forwarder was killed.
        } catch (AssertionError e) {
            failure = e;
        }
    }

    private void take(byte[] bytes) {
        if (CheckedLine.isForeign(bytes)) {
            foreign++; // written here alone
            return;
        }
        var line = CheckedLine.of(bytes);
        senders.merge(line.sender(), new Seen(line.number(), line.number()), (before, _) -> {
            if (line.number() <= before.last()) {
                throw new AssertionError("twice or out of order: " + line + " after " + before.last());
            }
            return new Seen(line.number(), before.missing() + line.number() - before.last() - 1);
        });
    }

    /** {@return how many lines came that are no {@link CheckedLine}} */
    long foreign() {
        check();
        return foreign;
    }

    /** {@return how many lines of a sender never came, though later ones did} */
    long missing(int sender) {
        check();
        return senders.getOrDefault(sender, Seen.NONE).missing();
    }

    /** {@return the number of the last line of a sender; -1 if none came} */
    long last(int sender) {
        check();
        return senders.getOrDefault(sender, Seen.NONE).last();
    }

    /** Wait until a sender's line with this number, or a later one, has come. */
    void await(int sender, long number) {
        awaitUntil("line " + number + " of sender " + sender, () -> last(sender) >= number);
    }

    /** Wait until a sender's line with this number has come, and assert that none is missing. */
    void awaitAll(int sender, long number) {
        await(sender, number);
        if (missing(sender) > 0) {
            throw new AssertionError(missing(sender) + " lines of sender " + sender + " are missing");
        }
    }

    private static void awaitUntil(String what, Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(Forwarder.LIMIT.multipliedBy(2))
                .pollInterval(Duration.ofMillis(5))
                .until(condition);
    }

    private void check() {
        if (failure != null) {
            throw failure;
        }
    }
}
