package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.loop.Silence;

/**
 * Closes a member that received and sent nothing for {@code idle-timeout}. A member that is held back, or whose output is still
 * on its way, is not idle. Used on the group's loop.
 */
final class IdleTimeout {
    private final Connection connection;
    private final Silence silence;

    IdleTimeout(Connection connection, EventLoop loop) {
        this.connection = connection;
        this.silence = new Silence(
                loop.deadlines(),
                connection.shared().settings().idleTimeout().toNanos(),
                this::lookCloserIfSilent,
                () -> askWhetherActive(() -> connection.close(Reason.IDLE)));
    }

    void begin() {
        silence.begin();
    }

    void cancel() {
        silence.cancel();
    }

    /** Note that bytes were read from the peer, or that the kernel took bytes for the peer. */
    void heard() {
        silence.heard();
    }

    private void lookCloserIfSilent() {
        if (silence.isSilent()) {
            askWhetherActive(() -> {});
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
