package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.buffer.Batch;
import java.util.ArrayList;
import java.util.List;

/** A member that takes bare messages up to a given size, and cannot be paused. */
public class DatagramMember extends TestMember {
    /** The messages that were delivered to this member. */
    public final List<byte[]> messages = new ArrayList<>();

    private final int largest;

    public DatagramMember(String name, TestOwner owner, int largest) {
        super(name, owner);
        this.largest = largest;
        pausable = false;
    }

    @Override
    public Batch.Form form() {
        return Batch.Form.MESSAGES;
    }

    @Override
    public int largestMessage() {
        return largest;
    }

    @Override
    public void deliver(Batch batch) {
        if (batch.form() != Batch.Form.MESSAGES) {
            throw new IllegalStateException("a stream");
        }
        for (int i = 0; i < batch.count(); i++) {
            var message = new byte[batch.length(i)];
            batch.block().bytes().get(batch.offset(i), message);
            messages.add(message);
        }
    }

    @Override
    public void publish(byte[]... bare) {
        membership.publish(owner.bare(bare));
    }
}
