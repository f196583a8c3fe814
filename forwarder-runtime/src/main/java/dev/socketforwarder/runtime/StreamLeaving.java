package dev.socketforwarder.runtime;

import dev.socketforwarder.api.OutboundQueue;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The way out of a {@link StreamMember} that has left its group: what is queued is written, the output shut, the input thrown
 * away until its end or silence, and then it is closed. Closing with input unread could lose what was just written.
 */
final class StreamLeaving {
    private static final long CHECK_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(250);
    /** One that never stops sending does not read our end either, and must not hold up the stop. */
    private static final long LONGEST_NS = Duration.ofSeconds(2).toNanos();

    private final StreamMember member;
    private final StreamServer server;
    private final SocketChannel channel;
    private final StreamReading reading;
    private final OutboundQueue queue;
    private final Reason reason;
    private boolean lingers;
    private long lingersSinceNs;
    private boolean heard; // while it lingers

    StreamLeaving(
            StreamMember member,
            StreamServer server,
            SocketChannel channel,
            StreamReading reading,
            OutboundQueue queue,
            Reason reason) {
        this.member = member;
        this.server = server;
        this.channel = channel;
        this.reading = reading;
        this.queue = queue;
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    void begin() {
        if (queue.isEmpty()) {
            onFlushed();
        } else {
            checkLater();
        }
    }

    private void checkLater() {
        server.loop().deadlines().in(CHECK_NS, () -> {
            if (lingers || member.isClosed()) {
                return;
            }
            if (queue.isStalled()) {
                member.close(Reason.FLUSH_TIMEOUT);
            } else {
                checkLater();
            }
        });
    }

    /** The kernel has all that was queued. */
    void onFlushed() {
        if (reading.hasEnded()) {
            member.close(reason);
        } else if (!lingers) {
            try {
                channel.shutdownOutput();
                lingers = true;
                lingersSinceNs = System.nanoTime();
                awaitSilence();
            } catch (IOException _) {
                member.close(reason);
            }
        }
    }

    private void awaitSilence() {
        heard = false;
        server.loop().deadlines().in(SILENCE_NS, () -> {
            if (heard && System.nanoTime() - lingersSinceNs < LONGEST_NS) {
                awaitSilence();
            } else {
                member.close(reason);
            }
        });
    }

    /** Throw away what the peer sends. */
    void discard() {
        heard = true;
        try {
            if (channel.read(server.buffer()) < 0) {
                reading.end();
                if (lingers) {
                    member.close(reason);
                }
                member.updateInterest();
            }
        } catch (IOException _) {
            member.close(reason);
        }
    }
}
