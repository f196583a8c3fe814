package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.GroupId;
import java.util.ArrayDeque;

/** A group's place on its event loop, used on that loop's thread but for {@link #connections}. */
final class LoopGroup {
    /** How many are in it or on their way to it; guarded by the entry in {@link EventLoops}. */
    int connections;

    /** Members to be read in this turn, in this order. */
    final ArrayDeque<Connection> ready = new ArrayDeque<>();

    /** Whether the loop knows that {@link #ready} has some. */
    boolean listed;

    private final GroupId id;
    private final EventLoop loop;

    LoopGroup(GroupId id, EventLoop loop) {
        this.id = id;
        this.loop = loop;
    }

    GroupId id() {
        return id;
    }

    EventLoop loop() {
        return loop;
    }
}
