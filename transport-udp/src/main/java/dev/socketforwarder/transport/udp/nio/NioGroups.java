package dev.socketforwarder.transport.udp.nio;

import dev.socketforwarder.transport.udp.io.Link;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.MembershipKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Takes part in multicast for one channel. Used on the endpoint's thread. */
final class NioGroups {
    private record Membership(InetAddress group, Link through) {}

    private final Map<Membership, MembershipKey> joined = new LinkedHashMap<>();
    private Optional<Link> through = Optional.empty();
    private int ttl; // 0 while not set
    private boolean stale;

    /**
     * {@return whether the kernel has forgotten the channel's memberships; the channel cannot join again, so another
     * must replace it}
     */
    boolean isStale() {
        return stale;
    }

    void join(DatagramChannel channel, InetAddress group, Link link) throws IOException {
        joined.put(new Membership(group, link), channel.join(group, link.itself()));
    }

    void leave(InetAddress group, Link link) {
        var key = joined.remove(new Membership(group, link));
        if (key != null) {
            drop(key);
        }
    }

    private void drop(MembershipKey key) {
        try {
            key.drop();
        } catch (AssertionError _) {
            // Java identifies the interface of an IPv4 group by its address. An interface that was made again has the
            // same address, but the kernel has no membership there.
            stale = true;
        }
    }

    void sendBy(DatagramChannel channel, Optional<Link> link, int hops) throws IOException {
        channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, hops);
        if (link.isPresent()) {
            channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, link.get().itself());
        }
        ttl = hops;
        through = link;
    }

    /** Join the same groups through a new channel. */
    void moveTo(DatagramChannel fresh) throws IOException {
        // First, so that nothing arrives twice.
        joined.values().forEach(this::drop);
        for (var each : joined.entrySet()) {
            var membership = each.getKey();
            each.setValue(fresh.join(membership.group(), membership.through().itself()));
        }
        if (ttl > 0) {
            sendBy(fresh, through, ttl);
        }
        stale = false;
    }
}
