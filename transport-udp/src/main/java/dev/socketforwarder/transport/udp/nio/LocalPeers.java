package dev.socketforwarder.transport.udp.nio;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Lists the connected UDP sockets of this machine, which Linux publishes. Such a socket takes datagrams only from the
 * address that it is connected to. The loopback network has 16 million addresses, too many to bind in advance.
 */
final class LocalPeers {
    private static final Logger LOG = System.getLogger(LocalPeers.class.getName());
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final String MAPPED = "0000000000000000FFFF0000";

    private final Path folder;

    /** Read the lists in {@code folder}, which is {@code /proc/net} on Linux. */
    LocalPeers(Path folder) {
        this.folder = folder;
    }

    /**
     * {@return the local address that {@code peer} is connected to at {@code port}; empty if there is none or it is
     * unknown}
     */
    Optional<InetAddress> contacted(InetSocketAddress peer, int port) {
        var bytes = peer.getAddress().getAddress();
        if (peer.getAddress() instanceof Inet4Address) {
            var found = find("udp", text(bytes), peer.getPort(), port);
            return found.isPresent() ? found : find("udp6", MAPPED + text(bytes), peer.getPort(), port);
        }
        return find("udp6", text(bytes), peer.getPort(), port);
    }

    private Optional<InetAddress> find(String list, String address, int peerPort, int port) {
        var local = address + ":" + text(peerPort);
        var remotePort = ":" + text(port);
        try (var lines = Files.lines(folder.resolve(list), StandardCharsets.US_ASCII)) {
            return lines.map(line -> line.strip().split(" +", REMOTE + 2))
                    .filter(words ->
                            words.length > REMOTE && words[LOCAL].equals(local) && words[REMOTE].endsWith(remotePort))
                    .findFirst()
                    .flatMap(
                            words -> address(words[REMOTE].substring(0, words[REMOTE].length() - remotePort.length())));
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "Sockets of this machine are not listed", e);
            return Optional.empty();
        }
    }

    private static String text(int port) {
        return HexFormat.of().withUpperCase().toHexDigits((short) port);
    }

    // The list shows each four bytes as one number in this machine's byte order.
    private static String text(byte[] address) {
        return HexFormat.of().withUpperCase().formatHex(inWords(address));
    }

    private static Optional<InetAddress> address(String text) {
        try {
            var address = InetAddress.getByAddress(inWords(HexFormat.of().parseHex(text)));
            return address.isAnyLocalAddress() ? Optional.empty() : Optional.of(address);
        } catch (UnknownHostException _) {
            return Optional.empty();
        }
    }

    private static byte[] inWords(byte[] bytes) {
        var from = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        var to = ByteBuffer.allocate(bytes.length);
        while (from.hasRemaining()) {
            to.putInt(from.getInt());
        }
        return to.array();
    }
}
