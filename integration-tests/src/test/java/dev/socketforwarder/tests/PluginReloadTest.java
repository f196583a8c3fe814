package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;

/** Tests plugins whose JARs change while the forwarder runs. */
class PluginReloadTest extends WithPluginFolder {
    @Test
    void aChangedJarIsLoadedAgainAndABrokenOneIsNot() throws IOException {
        PluginSources.unixJar(work, jar("unix.jar"), "example.unix", "unix", "System.out.println(\"first\")");
        try (var forwarder = unix().env("SOCKETFORWARDER_DEBUG", "true")
                .env("SOCKETFORWARDER_TCP_PORT", "0")
                .env("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1")
                .env("SOCKETFORWARDER_PLUGINS_RELOAD", "true")
                .start()) {
            forwarder.awaitLine("unix listening on");
            try (var undisturbed = forwarder.join("g");
                    var gone = join(forwarder, socket(), "g", 1)) {
                move(PluginSources.unixJar(
                        work, work.resolve("new.jar"), "example.unix", "unix", "System.out.println(\"second\")"));
                forwarder.awaitLine("was loaded again, for unix");
                assertThat(read(gone, 1)).as("it was stopped").isEmpty();
                forwarder.out().await(1, line -> line.equals("second"), "second", Forwarder.LIMIT);

                move(Files.writeString(work.resolve("new.jar"), "broken"));
                forwarder.awaitLine("the plugin that runs is kept");
                try (var other = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
                    other.write(ByteBuffer.wrap((PREFIX + "g").getBytes(StandardCharsets.UTF_8)));
                    forwarder.err().await(2, line -> line.contains("#1 joined \"g\""), "joined again", Forwarder.LIMIT);
                    other.write(ByteBuffer.wrap("news".getBytes(StandardCharsets.UTF_8)));
                    assertThat(new String(undisturbed.receive(4), StandardCharsets.UTF_8))
                            .isEqualTo("news");
                }
            }
            forwarder.stop();
        }
    }

    private void move(Path jar) throws IOException {
        Files.move(jar, jar("unix.jar"), StandardCopyOption.REPLACE_EXISTING);
    }
}
