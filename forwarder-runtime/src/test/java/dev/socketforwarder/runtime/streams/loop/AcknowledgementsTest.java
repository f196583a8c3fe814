package dev.socketforwarder.runtime.streams.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
@EnabledOnOs(OS.LINUX)
class AcknowledgementsTest {
    private final LinkedBlockingQueue<Runnable> owner = new LinkedBlockingQueue<>();
    private final Acknowledgements acknowledgements = new Acknowledgements();

    @AfterEach
    void close() {
        acknowledgements.close();
    }

    private Optional<PeerProgress> ask(SocketChannel socket) throws InterruptedException {
        var answers = new LinkedBlockingQueue<Optional<PeerProgress>>();
        acknowledgements.ask(socket, owner::add, answers::add);
        assertThat(answers).isEmpty(); // the answer comes through the owner
        owner.poll(10, TimeUnit.SECONDS).run();
        return answers.remove();
    }

    @Test
    void tellsOfAConnectionAlsoAfterAStopAndAStart() throws IOException, InterruptedException {
        try (var listener =
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
                var socket = SocketChannel.open(listener.getLocalAddress())) {
            assertThat(acknowledgements.areAvailable()).isTrue();
            assertThat(ask(socket)).isPresent();
            acknowledgements.close();
            assertThat(ask(socket)).isPresent();
        }
    }

    @Test
    void knowsNothingOfASocketWithoutAConnection() throws IOException, InterruptedException {
        try (var unconnected = SocketChannel.open()) {
            assertThat(ask(unconnected)).isEmpty();
        }
        var closed = SocketChannel.open();
        closed.close();
        assertThat(ask(closed)).isEmpty();
        assertThat(acknowledgements.areAvailable()).isTrue();
    }

    @Test
    void knowsNothingOfUnixSockets(@TempDir Path folder) throws IOException, InterruptedException {
        var path = UnixDomainSocketAddress.of(folder.resolve("s"));
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(path);
            try (var socket = SocketChannel.open(path)) {
                assertThat(ask(socket)).isEmpty();
            }
        }
        assertThat(acknowledgements.areAvailable()).isTrue();
    }
}
