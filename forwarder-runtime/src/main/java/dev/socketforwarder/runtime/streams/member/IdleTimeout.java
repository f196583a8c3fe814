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
    private final Silence silence; // null: no timeout is set

    IdleTimeout(Connection connection, EventLoop loop) {
        this.connection = connection;
        long limitNs = connection.shared().settings().idleTimeout().toNanos();
        this.silence = limitNs == 0
                ? null
                : new Silence(
                        loop.deadlines(),
                        limitNs,
                        this::lookCloserIfSilent,
                        () -> askWhetherActive(() -> connection.close(Reason.IDLE)));
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
