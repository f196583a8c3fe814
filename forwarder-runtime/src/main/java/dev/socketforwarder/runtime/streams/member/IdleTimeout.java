package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.loop.Silence;
import java.util.concurrent.TimeUnit;

/**
 * Lets the codec of a silent member probe its peer, and closes a member that received and sent nothing for {@code
 * idle-timeout}. A member that is held back, or whose output is still on its way, is not idle. Used on the group's loop.
 */
final class IdleTimeout {
    /** What stands for {@code idle-timeout} if there is none, so that codecs still probe. */
    private static final long UNLIMITED_NS = TimeUnit.MINUTES.toNanos(1);

    private final Connection connection;
    private final boolean isLimited;
    private final Silence silence; // null: nothing happens after a silence

    IdleTimeout(Connection connection, EventLoop loop) {
        long limitNs = connection.shared().settings().idleTimeout().toNanos();
        this.connection = connection;
        this.isLimited = limitNs > 0;
        this.silence = isLimited || connection.hasCodec()
                ? new Silence(
                        loop.deadlines(),
                        isLimited ? limitNs : UNLIMITED_NS,
                        this::lookCloserIfSilent,
                        () -> askWhetherActive(this::end))
                : null;
    }

    private void end() {
        if (isLimited) {
            connection.close(Reason.IDLE);
        } else {
            silence.heardUnseen();
        }
    }

    void begin() {
        if (silence != null) {
            silence.begin();
        }
    }

    void cancel() {
        if (silence != null) {
            silence.cancel();
        }
    }

    /** Note that bytes were read from the peer, or that the kernel took bytes for the peer. */
    void heard() {
        if (silence != null) {
            silence.heard();
        }
    }

    private void lookCloserIfSilent() {
        if (silence.isSilent()) {
            askWhetherActive(silence.isHalfOver() ? connection::probe : () -> {});
        }
    }

    /** Find out whether a silent member is active all the same. */
    private void askWhetherActive(Runnable ifNot) {
        connection.writing().askWhetherActive(silence::heardUnseen, () -> {
            if (connection.isHeldBack()) {
                silence.heardUnseen();
            } else if (connection.isMember()) {
                ifNot.run();
            }
        });
    }
}
