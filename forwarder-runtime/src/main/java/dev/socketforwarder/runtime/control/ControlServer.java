package dev.socketforwarder.runtime.control;

import dev.socketforwarder.runtime.control.ControlSocket.Found;
import dev.socketforwarder.runtime.monitor.Answer;
import dev.socketforwarder.runtime.monitor.Monitor;
import dev.socketforwarder.runtime.monitor.Request;
import dev.socketforwarder.runtime.monitor.Request.BadParameterException;
import dev.socketforwarder.runtime.text.Printable;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import jdk.net.ExtendedSocketOptions;

/**
 * Answers commands over a Unix domain socket, which only the user of this process and root may use. Each connection is one
 * request of one line and its answer, on a virtual thread of its own.
 */
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ControlServer.class.getName());
    private static final int MOST_CONNECTIONS = 16;
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final Set<String> ROOT = Set.of("root", "0"); // the number, where no file names the users

    private final ServerSocketChannel listener;
    private final Path path;
    private final Object identity;
    private final UserPrincipal owner;
    private final Monitor monitor;
    private final Semaphore places = new Semaphore(MOST_CONNECTIONS);

    private ControlServer(ServerSocketChannel listener, Path path, Monitor monitor) throws IOException {
        this.listener = listener;
        this.path = path;
        this.identity = ControlSocket.identity(path);
        this.owner = Files.getOwner(path, LinkOption.NOFOLLOW_LINKS);
        this.monitor = monitor;
    }

    /**
     * Begin to answer.
     *
     * @param takesOver whether another process that listens at the configured path is about to stop, and loses the path
     * @return empty if no socket can be there, which is logged: forwarding does not depend on it
     */
    public static Optional<ControlServer> start(ControlPath where, Monitor monitor, boolean takesOver) {
        if (where.isOff()) {
            return Optional.empty();
        }
        try {
            var path = bindable(where, takesOver);
            var server = new ControlServer(bound(path), path, monitor);
            Thread.ofVirtual().name("control").start(server::accept);
            LOG.log(Level.DEBUG, "The control socket is " + path);
            return Optional.of(server);
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            LOG.log(
                    Level.INFO,
                    "There is no control socket, so commands such as status cannot reach this process: "
                            + Printable.line(why(e))
                            + "; set control-socket to a path that this user may write");
            return Optional.empty();
        }
    }

    private static String why(Exception e) {
        return e instanceof AccessDeniedException denied
                ? "this user may not write " + denied.getFile()
                : String.valueOf(e.getMessage());
    }

    /** {@return what lies at a path, after the deletion of a stale socket} */
    private static Found freed(Path path) throws IOException {
        var found = ControlSocket.at(path);
        if (found == Found.STALE) {
            Files.delete(path);
            return Found.NOTHING;
        }
        return found;
    }

    private static Path bindable(ControlPath where, boolean takesOver) throws IOException {
        if (!where.configured().isEmpty()) {
            var path = Path.of(where.configured());
            switch (freed(path)) {
                case IN_USE -> {
                    if (!takesOver) {
                        throw new IOException("another process has " + path);
                    }
                    Files.delete(path);
                }
                case NO_SOCKET -> throw new IOException(path + " is there and is no socket");
                case NOTHING, STALE -> {}
            }
            return path;
        }
        for (var folder : where.foldersOfServer()) {
            Files.createDirectories(folder);
            ControlPath.clean(folder);
            var first = ControlPath.first(folder);
            return freed(first) == Found.NOTHING
                    ? first
                    : ControlPath.further(folder, ProcessHandle.current().pid());
        }
        throw new IOException("this is no image with a folder for it");
    }

    private static ServerSocketChannel bound(Path path) throws IOException {
        var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            return listener;
        } catch (IOException e) {
            listener.close();
            throw new IOException("cannot listen at " + path + ": " + e.getMessage(), e);
        }
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                var connection = listener.accept();
                Thread.ofVirtual().name("control-request").start(() -> serve(connection));
            } catch (ClosedChannelException _) {
                return;
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "The control socket cannot accept", e);
                pause();
            }
        }
    }

    /** Pause after a failure, since descriptors may have run out. */
    private static void pause() {
        try {
            Thread.sleep(Duration.ofMillis(500));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(SocketChannel connection) {
        boolean hasPlace = places.tryAcquire();
        try (connection) {
            var user = connection.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
            if (!user.equals(owner) && !ROOT.contains(user.getName())) {
                LOG.log(Level.WARNING, "control refused user " + Printable.line(user.getName()));
                return;
            }
            answer(connection, user.getName(), hasPlace);
        } catch (EOFException _) {
            // Another process looked whether this socket is in use.
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "A command went away: " + e.getMessage());
        } finally {
            if (hasPlace) {
                places.release();
            }
        }
    }

    private void answer(SocketChannel connection, String user, boolean hasPlace) throws IOException {
        // Without a place, the request is not read: connections that only wait must not take the descriptors of the
        // process.
        var answer = hasPlace ? answer(connection, user) : new Answer.Failure(503, "too many commands at once");
        if (answer instanceof Answer.Documents) {
            ControlLine.write(answer, Channels.newOutputStream(connection)); // which goes on
        } else {
            try (var _ = ControlSocket.limit(connection, LONGEST)) {
                ControlLine.write(answer, Channels.newOutputStream(connection));
            }
        }
    }

    private Answer answer(SocketChannel connection, String user) throws IOException {
        try {
            return monitor.answer(request(connection), "user " + user);
        } catch (BadParameterException e) {
            return new Answer.Failure(400, e.getMessage());
        }
    }

    private static Request request(SocketChannel connection) throws IOException {
        try (var _ = ControlSocket.limit(connection, LONGEST)) {
            return ControlLine.request(new BufferedInputStream(Channels.newInputStream(connection)));
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            if (identity.equals(ControlSocket.identity(path))) { // not of a process that came later
                Files.delete(path);
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing the control socket", e);
        }
    }
}
