package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Who sends. */
final class Sender {
    // As one that has much to say would: not a system call for each message.
    private static final int WRITE_BYTES = 16 * 1024;

    private final int id;
    private final Link link;
    private final int offset;
    private final int length;
    /** Messages one after the other; only their headers change. */
    private final ByteBuffer out;

    private boolean isClear = true;
    private long sent;

    /**
     * Make one.
     *
     * @param id its number in its group
     * @param most messages of one write
     */
    Sender(int id, Link link, Wire wire, int most) {
        this.id = id;
        this.link = link;
        this.offset = wire.before().length;
        var message = wire.published();
        this.length = message.length;
        int copies = Math.clamp(WRITE_BYTES / length, 1, most);
        this.out = ByteBuffer.allocateDirect(copies * length);
        for (int i = 0; i < copies; i++) {
            out.put(message);
        }
    }

    /** {@return how many messages one write has at most} */
    int most() {
        return out.capacity() / length;
    }

    /** {@return how many it has sent in this run} */
    long sent() {
        return sent;
    }

    /** {@return whether nothing waits to be sent} */
    boolean isClear() {
        return isClear;
    }

    void begin() {
        sent = 0;
    }

    /** Send, at most {@link #most}; it must be clear. */
    void send(int messages, long dueNs) throws IOException {
        out.clear();
        for (int i = 0; i < messages; i++) {
            Message.write(out, i * length + offset, dueNs, id, sent++);
        }
        out.limit(messages * length);
        flush();
    }

    /** Send a message that is not counted. */
    void probe() throws IOException {
        Message.write(out.clear(), offset, 0, id, Message.PROBE);
        out.limit(length);
        flush();
    }

    void flush() throws IOException {
        isClear = link.write(out);
    }
}
