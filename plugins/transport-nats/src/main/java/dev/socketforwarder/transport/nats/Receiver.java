package dev.socketforwarder.transport.nats;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Checks what comes from the servers, and gives it to the channel that it is for. Whoever may publish on the servers may have sent it.
 * Used on the loop's thread.
 */
final class Receiver {
    private static final int FIRST_BLOCK = 64 << 10;

    private final long node; // of this process
    private final EndpointLoop loop;
    private final Counters counters;
    private final Refusals refusals;
    private final Losses losses = new Losses();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
    private Block block = Block.borrowed(buffer);

    Receiver(long node, EndpointLoop loop, Counters counters, Refusals refusals) {
        this.node = node;
        this.loop = loop;
        this.counters = counters;
        this.refusals = refusals;
    }

    /**
     * Take a NATS message.
     *
     * @param channels the channels with its subject, at least one
     */
    void receive(List<Channel> channels, byte[] message) {
        var subject = channels.getFirst().subject();
        var read = Envelope.read(message);
        if (read.isEmpty()) {
            refusals.add(Reason.UPSTREAM_INVALID, 1, "no message of a forwarder on subject " + subject);
            return;
        }
        var envelope = read.get();
        if (envelope.node() == node) {
            return; // another endpoint of this process sent it, and the members here have it
        }
        if (envelope.trail().contains(node) || envelope.trail().nodes().size() > Trail.LONGEST) {
            refusals.add(
                    Reason.FORWARDING_LOOP,
                    envelope.count(),
                    "messages of " + sender(envelope) + " on subject " + subject
                            + " that this forwarder, or too many others, passed on before");
            return;
        }
        for (var channel : channels) {
            if (channel.isFramedAs(envelope.framing())) {
                receive(channel, envelope, message);
                return;
            }
        }
        var group = channels.getFirst().group();
        refusals.add(
                Reason.FRAMING_MISMATCH,
                envelope.count(),
                "group " + group.id() + " has framing \"" + envelope.framing() + "\" at " + sender(envelope)
                        + ", and \"" + group.framing() + "\" here");
    }

    private void receive(Channel channel, Envelope envelope, byte[] message) {
        int start = envelope.bytes();
        int length = message.length - start;
        prepare(length);
        buffer.put(0, message, start, length);
        int leftOut = channel.publish(envelope, new Batch(block, envelope.form()), length);
        if (leftOut < 0) {
            refusals.add(
                    Reason.UPSTREAM_INVALID,
                    1,
                    "malformed messages of " + sender(envelope) + " on subject " + channel.subject());
            return;
        }
        var group = channel.group();
        if (leftOut > 0) {
            refusals.add(
                    Reason.UPSTREAM_INVALID,
                    leftOut,
                    "group " + group.id() + " allows messages of " + group.maxMessageSize()
                            + " bytes (max-message-size), and " + sender(envelope) + " larger ones");
        }
        long lost = losses.arrived(channel.incarnation(), envelope);
        if (lost > 0) {
            refusals.add(
                    Reason.LOST_UPSTREAM, lost, lost + " messages of " + sender(envelope) + " to group " + group.id());
        }
        counters.add(Counter.READS, 1);
        counters.add(Counter.BYTES_IN, length);
    }

    private static String sender(Envelope envelope) {
        return "node " + Node.text(envelope.node());
    }

    /** Make room for so many bytes at the beginning of the block. */
    private void prepare(int length) {
        if (block.isReferred()) {
            loop.flushNow();
        }
        block.recycle();
        if (buffer.capacity() < length) {
            buffer = ByteBuffer.allocateDirect(Math.max(FIRST_BLOCK, Integer.highestOneBit(length - 1) << 1));
            block = Block.borrowed(buffer);
        }
    }
}
