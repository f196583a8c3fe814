package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.commands.Holders.Holder;
import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds the sockets that listen in the network namespace of this process, and who holds them. Sends nothing to them.
 *
 * <p>On Linux, this class reads the tables of the kernel. Elsewhere, it tries to bind the address, and takes the address as held by
 * someone if that fails. For the path of a Unix domain socket, it connects instead.
 */
final class KernelSockets {
    private static final String LISTENING = "0A"; // TCP_LISTEN, include/net/tcp_states.h
    private static final String ACCEPTS = "00010000"; // __SO_ACCEPTCON, include/linux/net.h
    private static final String DATAGRAMS = "0002"; // SOCK_DGRAM
    private static final int UNIX_FLAGS = 3;
    private static final int UNIX_TYPE = 4;
    private static final int UNIX_PATH = 7;
    private static final int LOCAL_ADDRESS = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final int UNIX_INODE = 6;
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1}; // ::ffff:0:0/96

    private final Path tables;
    private final Holders holders;

    /** Use the tables of the running kernel. */
    KernelSockets() {
        this(Path.of("/proc/net"), new Holders());
    }

    KernelSockets(Path tables, Holders holders) {
        this.tables = tables;
        this.holders = holders;
    }

    /** {@return who holds the socket that listens on this address and port} */
    Holder holder(Protocol protocol, InetAddress address, int port) throws IOException {
        var table = switch (protocol) {
            case TCP -> "tcp";
            case UDP -> "udp";
            case OTHER -> throw new IllegalArgumentException("no table for " + protocol);
        };
        if (!Files.isReadable(tables.resolve(table))) {
            return isTaken(protocol, new InetSocketAddress(address, port)) ? Holder.UNKNOWN : Holder.NOBODY;
        }
        var inodes = inodes(tables.resolve(table), protocol, address, port);
        inodes.addAll(inodes(tables.resolve(table + "6"), protocol, address, port));
        return holders.of(inodes);
    }

    /** {@return who holds the Unix domain socket that listens at this path, or receives datagrams there} */
    Holder holder(Path path) throws IOException {
        var table = tables.resolve("unix");
        if (!Files.isReadable(table)) {
            return isServed(path) ? Holder.UNKNOWN : Holder.NOBODY;
        }
        // Read byte by byte, since a path need not be valid text.
        try (var lines = Files.lines(table, StandardCharsets.ISO_8859_1)) {
            var name = latin(path);
            var absolute = latin(path.toAbsolutePath());
            return holders.of(lines.skip(1)
                    .map(line -> line.strip().split(" +", UNIX_PATH + 1))
                    .filter(fields -> fields.length > UNIX_PATH
                            && (fields[UNIX_FLAGS].equals(ACCEPTS) || fields[UNIX_TYPE].equals(DATAGRAMS))
                            && (fields[UNIX_PATH].equals(name) || fields[UNIX_PATH].equals(absolute)))
                    .map(fields -> fields[UNIX_INODE])
                    .collect(Collectors.toSet()));
        }
    }

    private static String latin(Path path) {
        return new String(path.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** Connect to a path, since binding it would leave a file there. */
    private static boolean isServed(Path path) throws IOException {
        try (var _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return true;
        } catch (SocketException _) {
            return false;
        }
    }

    private static Set<String> inodes(Path table, Protocol protocol, InetAddress address, int port) throws IOException {
        if (!Files.isReadable(table)) {
            return new HashSet<>(); // the machine may have no IPv6
        }
        try (var lines = Files.lines(table)) {
            return lines.skip(1)
                    .map(line -> line.strip().split("\\s+"))
                    .filter(fields -> fields.length > INODE
                            && (protocol != Protocol.TCP || fields[STATE].equals(LISTENING))
                            && matches(fields[LOCAL_ADDRESS], address, port))
                    .map(fields -> fields[INODE])
                    .collect(Collectors.toCollection(HashSet::new));
        }
    }

    /** {@return whether an entry such as {@code 0100007F:1A61} is this address and port; only a wildcard matches a wildcard} */
    static boolean matches(String field, InetAddress address, int port) {
        int colon = field.indexOf(':');
        if (colon < 0 || Integer.parseInt(field.substring(colon + 1), 16) != port) {
            return false;
        }
        var bound = address(field.substring(0, colon));
        if (address.isAnyLocalAddress()) {
            // The wildcards of both families serve IPv4. Only the wildcard of IPv6 serves IPv6.
            return isZero(bound) && (address instanceof Inet4Address || bound.length > 4);
        }
        return Arrays.equals(bound, address.getAddress());
    }

    /** Convert an address of the tables, which consists of 32-bit words in the byte order of the machine. */
    private static byte[] address(String hex) {
        var bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex)).order(ByteOrder.BIG_ENDIAN);
        var ordered = ByteBuffer.allocate(bytes.capacity()).order(ByteOrder.nativeOrder());
        while (bytes.hasRemaining()) {
            ordered.putInt(bytes.getInt());
        }
        var address = ordered.array();
        boolean isMapped = address.length > MAPPED.length && Arrays.equals(address, 0, 12, MAPPED, 0, 12);
        return isMapped ? Arrays.copyOfRange(address, MAPPED.length, address.length) : address;
    }

    private static boolean isZero(byte[] bytes) {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isTaken(Protocol protocol, InetSocketAddress address) throws IOException {
        try (Closeable _ = protocol == Protocol.TCP ? bindTcp(address) : new DatagramSocket(address)) {
            return false;
        } catch (BindException _) {
            return true;
        }
    }

    private static ServerSocket bindTcp(InetSocketAddress address) throws IOException {
        var socket = new ServerSocket();
        try {
            socket.bind(address);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
