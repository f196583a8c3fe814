package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.transport.udp.settings.MulticastSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Keeps the sockets of an endpoint joined to multicast groups, and able to send to them, while network interfaces come
 * and go. The kernel forgets a membership when its interface goes. Used on the endpoint's thread.
 */
public final class Multicast {
    private static final Logger LOG = System.getLogger(Multicast.class.getName());
    private static final int NOT_SET = -1;

    private final String endpoint;
    private final MulticastSettings settings;
    private final List<? extends GroupSocket> sockets;
    /** The interfaces that have joined, by index, each with its groups. */
    private final Map<Integer, Joined> joined = new HashMap<>();
    /** The failures that were logged. */
    private final Set<String> said = new HashSet<>();

    private int sendsThrough = NOT_SET;
    private boolean sends;
    private boolean started;

    private record Joined(Link link, Set<InetAddress> groups) {}

    /** Begin with sockets that take no part in multicast yet. */
    public Multicast(String endpoint, MulticastSettings settings, List<? extends GroupSocket> sockets) {
        this.endpoint = endpoint;
        this.settings = settings;
        this.sockets = sockets;
    }

    /**
     * Check that an endpoint bound to {@code addresses} can receive its groups.
     *
     * @throws IOException if it cannot; the message is for the user
     */
    static void check(String endpoint, MulticastSettings settings, List<InetAddress> addresses) throws IOException {
        for (var group : settings.groups()) {
            if (socketFor(group, addresses, InetAddress::isAnyLocalAddress).isEmpty()) {
                // The kernel delivers a group's datagrams only to sockets bound to the wildcard or the group.
                throw new IOException("transports." + endpoint + ".multicast: " + group.getHostAddress()
                        + " cannot be received; add " + (group instanceof Inet4Address ? "0.0.0.0" : "\"::\"")
                        + " to host-address");
            }
        }
    }

    /** {@return the first socket of this group's family whose address fits} */
    public static OptionalInt socketFor(InetAddress group, List<InetAddress> addresses, Predicate<InetAddress> fits) {
        return IntStream.range(0, addresses.size())
                .filter(i -> addresses.get(i) instanceof Inet4Address == group instanceof Inet4Address
                        && fits.test(addresses.get(i)))
                .findFirst();
    }

    /** {@return whether datagrams to groups go where the configuration says} */
    public boolean sends() {
        return sends;
    }

    /**
     * Join, leave and send according to the present interfaces.
     *
     * @return false if something failed that may work the next time, though nothing has changed
     */
    public boolean follow(List<Link> now) {
        var wanted = now.stream().filter(this::isWanted).toList();
        leaveGone(now);
        boolean settled = setSending(wanted);
        for (var link : wanted) {
            settled &= join(link);
        }
        if (!started) {
            warnOfAbsent(wanted);
        }
        started = true;
        // If any interface will do, those that cannot join are not tried again and again.
        return settled || !isNamed() && !joined.isEmpty();
    }

    private boolean isNamed() {
        return !settings.through().isEmpty();
    }

    private boolean isWanted(Link link) {
        return isNamed() ? link.name().equals(settings.through()) : link.forGroups();
    }

    private void leaveGone(List<Link> now) {
        // An interface that was renamed is not the configured one any more.
        var there = now.stream()
                .filter(link -> !isNamed() || isWanted(link))
                .map(Link::index)
                .collect(Collectors.toSet());
        boolean sender = isNamed() && sendsThrough != NOT_SET && !there.contains(sendsThrough);
        var gone = new LinkedHashMap<String, Joined>();
        joined.values().stream()
                .filter(each -> !there.contains(each.link().index()))
                .forEach(each -> gone.put(each.link().name(), each));
        for (var each : gone.values()) {
            each.groups().forEach(group -> socketOf(group).leave(group, each.link()));
            joined.remove(each.link().index());
        }
        if (sender) {
            sendsThrough = NOT_SET;
            gone.putIfAbsent(settings.through(), null);
        }
        for (var name : gone.keySet()) {
            LOG.log(
                    isNamed() || joined.isEmpty() ? Level.WARNING : Level.INFO,
                    "Endpoint {0}: network interface {1} is gone; multicast resumes when it returns",
                    endpoint,
                    name);
        }
    }

    private boolean join(Link link) {
        var groups = joined.computeIfAbsent(link.index(), _ -> new Joined(link, new HashSet<>()))
                .groups();
        boolean settled = true;
        boolean more = false;
        for (var group : settings.groups()) {
            // Without a configured name, interfaces of the other family are not tried.
            if (!groups.contains(group) && (isNamed() || link.speaks(group))) {
                boolean done = attempt(link, group);
                more |= done;
                settled &= done;
                if (done) {
                    groups.add(group);
                }
            }
        }
        if (groups.isEmpty()) {
            joined.remove(link.index());
        }
        if (more) {
            tellThere(link);
        }
        return settled;
    }

    private boolean attempt(Link link, InetAddress group) {
        try {
            socketOf(group).join(group, link);
            return true;
        } catch (IOException | IllegalArgumentException e) {
            tellFailed(link, "join " + group.getHostAddress(), e);
            return false;
        }
    }

    private boolean setSending(List<Link> wanted) {
        if (settings.members().isEmpty()) {
            return true;
        }
        var through = isNamed() ? wanted.stream().findFirst() : Optional.<Link>empty();
        int index = through.map(Link::index).orElse(0);
        if (isNamed() && through.isEmpty() || index == sendsThrough) {
            return true;
        }
        try {
            for (var socket : sockets) {
                socket.sendToGroups(through, settings.ttl());
            }
        } catch (IOException | IllegalArgumentException e) {
            through.ifPresent(link -> tellFailed(link, "send to groups", e));
            return false;
        }
        sendsThrough = index;
        sends = true;
        if (settings.groups().isEmpty()) {
            through.ifPresent(this::tellThere);
        }
        return true;
    }

    private GroupSocket socketOf(InetAddress group) {
        var bound = sockets.stream().map(GroupSocket::bound).toList();
        return sockets.get(
                socketFor(group, bound, InetAddress::isAnyLocalAddress).orElseThrow());
    }

    private void tellThere(Link link) {
        said.removeIf(text -> text.startsWith(link.index() + " "));
        if (started) {
            LOG.log(
                    Level.INFO,
                    "Endpoint {0}: network interface {1} is present: multicast goes through it",
                    endpoint,
                    link.name());
        }
    }

    private void tellFailed(Link link, String what, Exception e) {
        boolean first = said.add(link.index() + " " + what);
        LOG.log(
                first && isNamed() ? Level.WARNING : Level.DEBUG,
                "Endpoint {0}: network interface {1} cannot {2} yet, {3}; it is tried again",
                endpoint,
                link.name(),
                what,
                e.getMessage());
    }

    private void warnOfAbsent(List<Link> wanted) {
        if (isNamed() && wanted.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "Endpoint {0}: there is no network interface {1} yet; multicast begins when it appears",
                    endpoint,
                    settings.through());
        } else if (!isNamed() && !settings.groups().isEmpty() && joined.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "Endpoint {0}: no network interface can join multicast groups yet; multicast begins when one can,"
                            + " or name one by transports.{0}.interface",
                    endpoint);
        }
    }
}
