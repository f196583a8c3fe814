package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.policies.PrefixHandshake;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Plays a client in the demo, with plain sockets as in any program. */
sealed interface DemoMember extends Closeable {
    int LARGEST = 1_024;

    String name();

    void send(String text) throws IOException;

    /** {@return the text that arrived within the time limit; empty if nothing arrived} */
    String receive(Duration patience) throws IOException;

    @Override
    void close() throws IOException;

    static DemoMember stream(String name, InetSocketAddress address, String group) throws IOException {
        var socket = new Socket(address.getAddress(), address.getPort());
        var member = new Stream(name, socket);
        member.send(PrefixHandshake.DEFAULT_PREFIX + group + "\n");
        return member;
    }

    static DemoMember datagrams(String name, InetSocketAddress address) throws IOException {
        var socket = new DatagramSocket(new InetSocketAddress(address.getAddress(), 0));
        var member = new Datagrams(name, socket, address);
        member.send(PrefixHandshake.DEFAULT_PREFIX);
        return member;
    }

    /** A client that uses TCP. */
    record Stream(String name, Socket socket) implements DemoMember {
        @Override
        public void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String receive(Duration patience) throws IOException {
            socket.setSoTimeout((int) patience.toMillis());
            var bytes = new byte[LARGEST];
            try {
                int length = socket.getInputStream().read(bytes);
                return new String(bytes, 0, Math.max(0, length), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException _) {
                return "";
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** A client that uses UDP. */
    record Datagrams(String name, DatagramSocket socket, InetSocketAddress forwarder) implements DemoMember {
        @Override
        public void send(String text) throws IOException {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            socket.send(new DatagramPacket(bytes, bytes.length, forwarder));
        }

        @Override
        public String receive(Duration patience) throws IOException {
            socket.setSoTimeout((int) patience.toMillis());
            var packet = new DatagramPacket(new byte[LARGEST], LARGEST);
            try {
                socket.receive(packet);
                return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException _) {
                return "";
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
