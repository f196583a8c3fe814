package dev.socketforwarder.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.HdrHistogram.Histogram;

/** Who receives, and looks whether all messages come, whole and in each sender's order. */
final class Receiver implements Readable {
    private static final long UNHEARD = -1;

    private final Link link;
    private final Protocol protocol;
    private final int stride;
    private final int offset;
    private final Histogram latencyNs;
    /** By sender: the number of its next message. */
    private final long[] next;
    /** The begin of a message whose rest has not come. */
    private byte[] carry = {};

    /** Not so where bytes of a message are missing; in a raw group, also for one who joined in the midst of a message. */
    private boolean isInStep = true;

    private int unheard;
    private long delivered;
    private long lost;
    private long disordered;
    private long damaged;

    /**
     * Make one that has heard nobody.
     *
     * @param senders how many there are in its group
     * @param own which of them it does not hear, since it is that one; -1: none
     */
    Receiver(Link link, Protocol protocol, Wire wire, int senders, int own, Histogram latencyNs) {
        this.link = link;
        this.protocol = protocol;
        this.stride = wire.stride();
        this.offset = wire.deliveredBefore();
        this.latencyNs = latencyNs;
        this.next = new long[senders];
        Arrays.fill(next, UNHEARD);
        this.unheard = senders;
        if (own >= 0) {
            next[own] = 0;
            unheard--;
        }
    }

    /** {@return of how many senders it has had no probe} */
    int unheard() {
        return unheard;
    }

    /** {@return how many messages have come, or will not come any more} */
    long settled() {
        return delivered + lost;
    }

    long delivered() {
        return delivered;
    }

    long lost() {
        return lost;
    }

    long disordered() {
        return disordered;
    }

    long damaged() {
        return damaged;
    }

    void begin() {
        Arrays.fill(next, 0);
        delivered = 0;
        lost = 0;
        disordered = 0;
        damaged = 0;
    }

    @Override
    public void onReadable(ByteBuffer shared) throws IOException {
        shared.clear().put(carry);
        if (link.read(shared) < 0) {
            throw new EOFException("the server closed a member's connection");
        }
        long nowNs = Message.now();
        int end = shared.position();
        int at = 0;
        while (at < end) {
            int noise = protocol.noise(shared.get(at));
            int length = noise > 0 ? noise : stride;
            if (end - at < length) {
                break;
            }
            at += noise > 0 || take(shared, at + offset, nowNs) ? length : 1;
        }
        carry = at == end && carry.length == 0 ? carry : new byte[end - at];
        shared.get(at, carry);
    }

    /** {@return whether there is a message; else the next one may begin anywhere behind} */
    private boolean take(ByteBuffer bytes, int at, long nowNs) {
        if (Message.isDamaged(bytes, at) || Message.sender(bytes, at) >= next.length) {
            damaged += isInStep ? 1 : 0;
            isInStep = false;
            return false;
        }
        isInStep = true;
        int sender = Message.sender(bytes, at);
        long number = Message.number(bytes, at);
        if (number == Message.PROBE) {
            if (next[sender] == UNHEARD) {
                next[sender] = 0;
                unheard--;
            }
            return true;
        }
        delivered++;
        latencyNs.recordValue(Math.max(0, nowNs - Message.dueNs(bytes, at)));
        if (number < next[sender]) {
            disordered++;
            lost--;
        } else {
            lost += number - next[sender];
            next[sender] = number + 1;
        }
        return true;
    }

    /** Give up what has not come of a sender's messages. */
    void giveUp(int sender, long sent) {
        lost += sent - next[sender];
        next[sender] = sent;
    }
}
