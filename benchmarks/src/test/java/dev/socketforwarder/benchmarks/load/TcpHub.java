package dev.socketforwarder.benchmarks.load;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Gives what one member sends to all others: each read whole, one member after the other. */
final class TcpHub implements Closeable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> members = new CopyOnWriteArrayList<>();

    TcpHub() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    Target target() {
        var address = (InetSocketAddress) listener.getLocalSocketAddress();
        return Target.of(
                new Access(address, Protocol.FORWARDER, false),
                Optional.empty(),
                new Proc(ProcessHandle.current().pid()));
    }

    private void accept() {
        try {
            while (true) {
                var member = listener.accept();
                Thread.ofVirtual().start(() -> serve(member));
            }
        } catch (IOException _) {
            // the end
        }
    }

    private void serve(Socket member) {
        try (member) {
            var in = member.getInputStream();
            while (in.read() != '\n') {
                // the first message
            }
            members.add(member);
            var bytes = new byte[64 * 1024];
            for (int n = in.read(bytes); n > 0; n = in.read(bytes)) {
                forward(member, bytes, n);
            }
        } catch (IOException _) {
            // the end
        }
    }

    private synchronized void forward(Socket from, byte[] bytes, int length) throws IOException {
        for (var member : members) {
            if (member != from) {
                member.getOutputStream().write(bytes, 0, length);
            }
        }
    }

    @Override
    public void close() throws IOException {
        end();
    }

    /** Close all connections. */
    void end() throws IOException {
        listener.close();
        for (var member : members) {
            member.close();
        }
    }
}
