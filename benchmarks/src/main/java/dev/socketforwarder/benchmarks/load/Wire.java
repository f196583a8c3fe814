package dev.socketforwarder.benchmarks.load;

/**
 * How messages of one size are wrapped on their way to a server and from it. All are alike, so that a receiver finds the
 * next one by counting.
 *
 * @param before what stands before a message that is sent
 * @param after what stands behind it
 * @param deliveredBefore how many bytes stand before a message that is delivered
 * @param deliveredAfter how many behind it
 * @param size the message's own
 */
record Wire(byte[] before, byte[] after, int deliveredBefore, int deliveredAfter, int size) {

    /** {@return what a sender sends for one message} */
    byte[] published() {
        var message = Message.blank(size);
        var all = new byte[before.length + size + after.length];
        System.arraycopy(before, 0, all, 0, before.length);
        System.arraycopy(message, 0, all, before.length, size);
        System.arraycopy(after, 0, all, before.length + size, after.length);
        return all;
    }

    /** {@return the bytes from the begin of one delivered message to that of the next} */
    int stride() {
        return deliveredBefore + size + deliveredAfter;
    }
}
