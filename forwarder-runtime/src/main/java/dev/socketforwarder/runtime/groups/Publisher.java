package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;

/** The member behind a membership that only publishes. It is not in its side's list, so nothing is delivered to it. */
enum Publisher implements Member {
    INSTANCE;

    @Override
    public void deliver(Batch batch) {}

    @Override
    public boolean pausable() {
        return false;
    }

    @Override
    public void close(Reason reason) {}

    @Override
    public String describe() {
        return "publisher";
    }
}
