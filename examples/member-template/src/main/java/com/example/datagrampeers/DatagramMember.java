package com.example.datagrampeers;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.kit.AddressText;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.function.Consumer;

/** Represents a peer in its group, until the peer has sent nothing for the time of a lease. */
final class DatagramMember implements Member {
    private final TransportContext context;
    private final DatagramChannel channel;
    private final SocketAddress peer;
    private final Consumer<SocketAddress> onLeave;
    private Membership membership; // null while the member is in no group
    private long heardNs;

    DatagramMember(
            TransportContext context, DatagramChannel channel, SocketAddress peer, Consumer<SocketAddress> onLeave) {
        this.context = context;
        this.channel = channel;
        this.peer = peer;
        this.onLeave = onLeave;
    }

    void joined(Membership joined, Duration lease) {
        membership = joined;
        heardNs = System.nanoTime();
        context.counters().add(Counter.JOINED, 1);
        context.counters().add(Counter.MEMBERS, 1);
        expireIn(lease.toNanos(), lease.toNanos());
    }

    /** Leave after the delay, unless the peer was heard within its lease. */
    private void expireIn(long delayNs, long leaseNs) {
        context.loop().deadlines().in(delayNs, () -> {
            long leftNs = heardNs + leaseNs - System.nanoTime();
            if (membership != null && leftNs > 0) {
                expireIn(leftNs, leaseNs);
            } else {
                close(Reason.LEASE_EXPIRED);
            }
        });
    }

    void publish(Batch datagram) {
        heardNs = System.nanoTime();
        context.counters().add(Counter.READS, 1);
        context.counters().add(Counter.BYTES_IN, datagram.bytes());
        membership.publish(datagram);
    }

    @Override
    public Batch.Form form() {
        return Batch.Form.MESSAGES; // the runtime makes messages of what members of streams send
    }

    @Override
    public int largestMessage() {
        return 65_507; // of a datagram over IPv4
    }

    @Override
    public boolean pausable() {
        return false; // nothing stops a sender of datagrams, so full members miss what it sends
    }

    @Override
    public void deliver(Batch batch) {
        for (int i = 0; i < batch.count(); i++) {
            var datagram = batch.block().bytes().slice(batch.offset(i), batch.length(i));
            try {
                if (channel.send(datagram, peer) == batch.length(i)) {
                    context.counters().add(Counter.WRITES, 1);
                    context.counters().add(Counter.BYTES_OUT, batch.length(i));
                } else {
                    context.counters().add(Reason.SEND_FAILED, 1); // the kernel has no room
                }
            } catch (IOException _) {
                context.counters().add(Reason.SEND_FAILED, 1);
            }
        }
    }

    @Override
    public void close(Reason reason) {
        if (membership != null) {
            membership.leave(reason);
            membership = null;
            onLeave.accept(peer);
            context.counters().add(reason, 1);
            context.counters().add(Counter.MEMBERS, -1);
        }
    }

    @Override
    public String describe() {
        return context.name() + " " + AddressText.of(peer);
    }
}
