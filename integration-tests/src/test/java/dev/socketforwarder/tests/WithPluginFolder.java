package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A test with a folder of plugins, and launches of a forwarder that loads them. */
abstract class WithPluginFolder {
    static final String PREFIX = "SOCKETFORWARDER-NEW:";

    @TempDir
    Path work;

    Path folder;
    private Path sockets;

    @BeforeEach
    void makeFolders() throws IOException {
        folder = Files.createDirectory(work.resolve("plugins"));
        sockets = Files.createTempDirectory("sf"); // short, since a socket's path has a limit
    }

    @AfterEach
    void removeSockets() throws IOException {
        try (var all = Files.list(sockets)) {
            all.forEach(Forwarder::delete);
        }
        Files.delete(sockets);
    }

    Launch launch(String... arguments) {
        return Launch.with(arguments).env("SOCKETFORWARDER_PLUGINS_PATH", folder.toString());
    }

    Launch unix(String... arguments) {
        return launch(arguments).env("SOCKETFORWARDER_UNIX_PATH", socket().toString());
    }

    Path socket() {
        return sockets.resolve("s");
    }

    Path jar(String name) {
        return folder.resolve(name);
    }

    /** Assert what a command says in one line about a broken plugin. */
    void assertSays(int exitCode, Launch launch, String... parts) {
        var result = launch.run();
        assertThat(result.exitCode()).as(result.errText()).isEqualTo(exitCode);
        assertThat(result.err()).as("one line").hasSize(1);
        assertThat(result.errText()).startsWith("socketforwarder: plugin ").contains(parts);
    }

    static SocketChannel join(Forwarder forwarder, Path socket, String group, int n) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        channel.write(ByteBuffer.wrap((PREFIX + group).getBytes(StandardCharsets.UTF_8)));
        forwarder.awaitLine("#" + n + " joined \"" + group + "\"");
        return channel;
    }

    static String read(SocketChannel channel, int length) throws IOException {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // Until all is there.
        }
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    }
}
