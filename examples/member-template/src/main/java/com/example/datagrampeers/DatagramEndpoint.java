package com.example.datagrampeers;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.kit.AddressFilter;
import dev.socketforwarder.api.kit.BindFailure;
import dev.socketforwarder.api.kit.ListeningHosts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Receives the datagrams of one port. A peer's first datagram is its first message, and all others are messages for its group.
 *
 * <p>The channel and the members are used on the endpoint's loop alone, so nothing here needs a lock. The address of a sender can be
 * forged: if strangers reach the port, use a handshake policy that sends a challenge, or the setting {@code allow}.
 */
final class DatagramEndpoint implements Endpoint {
    private static final int TURN = 64; // datagrams; then the loop does its other work
    private static final int ALL = 10_000; // more datagrams than the kernel holds for a socket

    private final TransportContext context;
    private final Handshake handshake;
    private final AddressFilter filter;
    private final String host;
    private final int port;
    private final Duration lease;
    private final int mostMembers;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10); // larger than any datagram
    private final Batch batch = new Batch(Block.borrowed(buffer), Batch.Form.MESSAGES);
    private final Map<SocketAddress, DatagramMember> members = new HashMap<>();
    private DatagramChannel channel;
    private SelectionKey key;
    private boolean quiesces;
    private volatile InetSocketAddress address; // null while nothing is bound

    /** Read all settings. The endpoint opens nothing until it starts. */
    DatagramEndpoint(TransportContext context) {
        var settings = context.settings();
        this.context = context;
        this.handshake = context.handshake(List.of("prefix"));
        this.filter = AddressFilter.read(settings);
        this.port = settings.required("port", 0, 65_535);
        this.host = settings.text("host-address", "0.0.0.0");
        this.lease = settings.duration("lease", Duration.ofMinutes(1), Duration.ofMillis(100), Duration.ofDays(1));
        this.mostMembers = settings.number("max-members", 1_000, 1, 1_000_000);
    }

    @Override
    public void start() throws IOException {
        var host = ListeningHosts.resolve("host-address", List.of(this.host)).getFirst();
        var family = host instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        var wanted = new InetSocketAddress(host, port);
        channel = DatagramChannel.open(family);
        try {
            channel.bind(wanted).configureBlocking(false);
            address = (InetSocketAddress) channel.getLocalAddress();
        } catch (IOException e) {
            channel.close();
            throw new BindFailure(context.name(), wanted, e);
        }
        context.loop().execute(this::register);
    }

    private void register() {
        try {
            key = context.loop().register(channel, SelectionKey.OP_READ, _ -> receive(TURN));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<SocketAddress> localAddresses() {
        var bound = address;
        return bound == null ? List.of() : List.of(bound);
    }

    private void receive(int most) throws IOException {
        for (int i = 0; i < most; i++) {
            var source = channel.receive(buffer.clear());
            if (source == null) {
                return;
            }
            buffer.flip();
            var member = members.get(source);
            if (member != null) {
                publish(member, 0);
            } else if (!quiesces) {
                consider(new Peer(context.name(), source, address));
            }
        }
    }

    private void publish(DatagramMember member, int from) {
        member.publish(batch.clear().add(from, buffer.limit() - from));
        // Members of this loop have sent it already, and the runtime made a copy for all others.
        batch.block().recycle();
    }

    private void consider(Peer peer) {
        if (!filter.admits(peer)) {
            refuse(peer, Reason.DENIED_ADDRESS, "");
            return;
        }
        switch (handshake.consider(peer, buffer.asReadOnlyBuffer(), Handshake.Arrival.DATAGRAM)) {
            case Handshake.Admitted(var group, int consumed) -> join(peer, group, consumed);
            case Handshake.Challenge(var reply) -> challenge(peer, reply);
            case Handshake.NeedMore() -> refuse(peer, Reason.FIRST_MESSAGE_INCOMPLETE, "");
            case Handshake.Declined(var reason, var detail) -> refuse(peer, reason, detail);
            case Handshake.Rejected(var reason, var detail) -> refuse(peer, reason, detail);
        }
    }

    private void challenge(Peer peer, ByteBuffer reply) {
        try {
            channel.send(reply.duplicate(), peer.remote());
            context.counters().add(Counter.CHALLENGED, 1);
        } catch (IOException _) {
            context.counters().add(Reason.SEND_FAILED, 1); // if it were thrown, the loop would close the channel
        }
    }

    private void join(Peer peer, String name, int consumed) {
        if (!name.isEmpty() && !GroupId.isValid(name)) {
            refuse(peer, Reason.BAD_GROUP_ID, "");
            return;
        }
        if (members.size() >= mostMembers) {
            refuse(peer, Reason.TOO_MANY_REGISTRATIONS, "");
            return;
        }
        // Peers that name no group are in the endpoint's own, which others cannot name.
        var group = name.isEmpty() ? GroupId.ofEndpoint(context.name()) : GroupId.of(name);
        var member = new DatagramMember(context, channel, peer.remote(), members::remove);
        switch (context.groups().join(group, member, context.loop())) {
            case Groups.Refused(var reason) -> refuse(peer, reason, "");
            case Groups.Joined(var membership) -> {
                members.put(peer.remote(), member);
                member.joined(membership, lease);
                if (consumed < buffer.limit()) {
                    publish(member, consumed); // data behind the first message
                }
            }
        }
    }

    private void refuse(Peer peer, Reason reason, String detail) {
        context.refused(reason, peer.remote(), detail, buffer);
    }

    @Override
    public void quiesce(Duration limit) {
        context.loop().call(this::receiveLast, limit);
    }

    private void receiveLast() {
        quiesces = true;
        try {
            receive(ALL);
            key.interestOps(0); // what arrives later is not read
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Unsent stop(Duration limit) {
        if (address != null) {
            context.loop().call(this::close, limit.plusSeconds(1)); // the limit may be zero
            address = null;
        }
        return Unsent.NONE; // nothing is ever queued
    }

    private void close() {
        List.copyOf(members.values()).forEach(member -> member.close(Reason.STOPPED));
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
