package dev.socketforwarder.runtime.control;

import dev.socketforwarder.runtime.process.Limit;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;

/** Connects to control sockets, and examines their files. */
final class ControlSocket {
    private static final Logger LOG = System.getLogger(ControlSocket.class.getName());

    private static final int FILE_TYPE = 0_170_000;
    private static final int SOCKET = 0_140_000;

    /** Says what lies at a path where a control socket is to be. */
    enum Found {
        NOTHING,
        /** The socket of a process that was killed. */
        STALE,
        /** A socket at which a process listens, or one that this user may not use. */
        IN_USE,
        /** Something that no forwarder made, such as a file that was named by mistake. A symbolic link is one too. */
        NO_SOCKET
    }

    private ControlSocket() {}

    /** {@return what lies at a path} */
    static Found at(Path path) throws IOException {
        try {
            int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            if ((mode & FILE_TYPE) != SOCKET) {
                return Found.NO_SOCKET;
            }
            connect(path).close();
            return Found.IN_USE;
        } catch (NoSuchFileException _) {
            return Found.NOTHING;
        } catch (ConnectException _) {
            return Found.STALE;
        } catch (SocketException _) {
            return Found.IN_USE;
        }
    }

    /** {@return an object that tells this file from a later file at the same path} */
    static Object identity(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** {@return a connection to the process that listens at a path} */
    static SocketChannel connect(Path path) throws IOException {
        var connection = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            // A process that is stopped accepts nothing. Once its backlog is full, a blocking connect would wait for
            // ever.
            connection.configureBlocking(false);
            connection.connect(UnixDomainSocketAddress.of(path));
            connection.configureBlocking(true);
            return connection;
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** {@return a limit that closes the connection, which ends whatever reads or writes there} */
    static Limit limit(SocketChannel connection, Duration time) {
        return Limit.start(time, () -> {
            try {
                connection.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "Closing a connection of the control socket", e);
            }
        });
    }
}
