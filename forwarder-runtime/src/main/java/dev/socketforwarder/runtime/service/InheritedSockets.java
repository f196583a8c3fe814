package dev.socketforwarder.runtime.service;

import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The sockets that the service manager passed to this process (sd_listen_fds(3) of systemd), and which endpoint uses each.
 * Thread-safe.
 */
public final class InheritedSockets {
    private static final Logger LOG = System.getLogger(InheritedSockets.class.getName());

    private static final int FIRST = 3; // the descriptor after standard error
    private static final String COUNT = "LISTEN_FDS";
    private static final String UNNAMED = "unknown"; // as systemd has it

    private final List<PassedSocket> all;
    private final Map<PassedSocket, Object> users = new HashMap<>(); // guarded by this

    InheritedSockets(List<PassedSocket> all) {
        this.all = List.copyOf(all);
    }

    /**
     * Find the sockets.
     *
     * @param environment the variables of this process
     * @param pid the number of this process; sockets for another process are none of ours
     * @throws UsageException if something was passed that no endpoint can use
     */
    public static InheritedSockets of(Map<String, String> environment, long pid) {
        if (!Long.toString(pid).equals(environment.get("LISTEN_PID"))) {
            return new InheritedSockets(List.of());
        }
        var count = environment.getOrDefault(COUNT, "");
        if (!count.matches("[0-9]{1,4}")) {
            throw new UsageException(COUNT + " is " + Printable.quoted(count) + ", not a number of sockets");
        }
        var names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
        var all = new ArrayList<PassedSocket>();
        for (int i = 0; i < Integer.parseInt(count); i++) {
            all.add(PassedSocket.of(FIRST + i, i < names.length && !names[i].isEmpty() ? names[i] : UNNAMED));
        }
        return new InheritedSockets(all);
    }

    /** A socket as one endpoint sees it. */
    private record Given(PassedSocket socket, boolean isNamedAfterIt) implements InheritedSocket {
        @Override
        public String name() {
            return socket.name();
        }

        @Override
        public Protocol protocol() {
            return socket.protocol();
        }

        @Override
        public InetSocketAddress address() {
            return socket.address();
        }

        @Override
        public boolean replaces(InetSocketAddress configured) {
            return isNamedAfterIt || socket.serves(configured);
        }

        @Override
        public int duplicate() throws IOException {
            return SystemCalls.dup(socket.fd());
        }
    }

    /**
     * Give an endpoint its sockets: those named after it, or else those that are bound to an address of its own.
     *
     * @param user stands for the endpoint until it gives the sockets back; another endpoint of the name is another user
     * @param configured the addresses that the endpoint would bind
     */
    public synchronized List<InheritedSocket> take(
            Object user, String endpoint, Protocol protocol, List<InetSocketAddress> configured) {
        var named = free(user, protocol, socket -> socket.name().equals(endpoint));
        var found = named.isEmpty()
                ? free(user, protocol, socket -> configured.stream().anyMatch(socket::serves))
                : named;
        found.forEach(socket -> users.put(socket, user));
        return found.stream()
                .<InheritedSocket>map(socket -> new Given(socket, !named.isEmpty()))
                .toList();
    }

    private List<PassedSocket> free(Object user, Protocol protocol, Predicate<PassedSocket> wanted) {
        return all.stream()
                .filter(socket -> socket.protocol() == protocol && wanted.test(socket))
                .filter(socket -> users.getOrDefault(socket, user).equals(user))
                .toList();
    }

    /** Take back the sockets of an endpoint that reads them no more. They stay open for the next endpoint that wants them. */
    public synchronized void giveBack(Object user) {
        users.values().removeIf(user::equals);
    }

    /**
     * Name the sockets that no endpoint uses. They stay open for an endpoint that a reload adds, since the service manager, which
     * has them too, would keep that endpoint from binding their addresses itself.
     */
    public synchronized void nameUnused() {
        var unused = all.stream().filter(socket -> !users.containsKey(socket)).toList();
        if (unused.isEmpty()) {
            return;
        }
        LOG.log(
                Level.WARNING,
                "no endpoint listens on these sockets of the service manager, whose peers wait until a reload adds one: {0};"
                        + " name a socket after its endpoint (FileDescriptorName=), or give the endpoint the address of the"
                        + " socket",
                unused.stream().map(PassedSocket::shown).collect(Collectors.joining(", ")));
    }
}
