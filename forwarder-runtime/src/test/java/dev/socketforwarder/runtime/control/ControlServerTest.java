package dev.socketforwarder.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.runtime.control.ControlClient.NoAnswerException;
import dev.socketforwarder.runtime.monitor.Request;
import dev.socketforwarder.runtime.testing.TestLog;
import dev.socketforwarder.runtime.testing.TestMonitor;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlServerTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Request SELF = new Request("GET", "self", Map.of());

    private final TestMonitor monitor = new TestMonitor();
    private final TestLog log = new TestLog();
    private Path folder;
    private Path path;

    @BeforeEach
    void find(@TempDir Path temporary) {
        folder = temporary;
        path = folder.resolve("control.sock");
    }

    @AfterEach
    void close() {
        log.close();
        monitor.close();
    }

    private Optional<ControlServer> start() {
        return start(new ControlPath(path.toString(), "", Map.of()));
    }

    private Optional<ControlServer> start(ControlPath where) {
        return ControlServer.start(where, monitor.monitor, false);
    }

    private static long pid(Path socket) throws NoAnswerException {
        return new ControlClient(socket, LIMIT).ask(SELF).path("pid").asLong();
    }

    private static ServerSocketChannel listen(Path path) throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path), 2);
    }

    @Test
    void itAnswersItsUserOnly() throws Exception {
        try (var _ = start().orElseThrow()) {
            assertThat(pid(path)).isEqualTo(ProcessHandle.current().pid());
            assertThat(Files.getPosixFilePermissions(path)).hasSize(2);
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void aFileThatWasNamedByMistakeStays() throws IOException {
        Files.writeString(path, "precious");

        assertThat(start()).isEmpty();
        assertThat(path).hasContent("precious");
        assertThat(log.text()).contains("is there and is no socket");
    }

    @Test
    void anEmptyFolderStays() throws IOException {
        Files.createDirectory(path);

        assertThat(start()).isEmpty();
        assertThat(path).isDirectory();
    }

    @Test
    void aSymbolicLinkAndItsTargetStay() throws IOException {
        var target = Files.writeString(folder.resolve("target"), "precious");
        Files.createSymbolicLink(path, target);

        assertThat(start()).isEmpty();
        assertThat(path).isSymbolicLink().hasContent("precious");
    }

    @Test
    void aSocketThatAKilledProcessLeftIsReplaced() throws Exception {
        listen(path).close();

        try (var _ = start().orElseThrow()) {
            assertThat(pid(path)).isPositive();
        }
    }

    @Test
    void aProcessThatTakesOverHasThePath() throws Exception {
        var where = new ControlPath(path.toString(), "", Map.of());
        var old = start(where).orElseThrow();
        try (var _ = ControlServer.start(where, monitor.monitor, true).orElseThrow()) {
            old.close();
            assertThat(pid(path)).isPositive();
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void aSocketThatIsInUseStaysAlsoIfNobodyAcceptsThere() throws IOException {
        var waiting = new ArrayList<SocketChannel>();
        try (var other = listen(path)) {
            for (int i = 0; i < 10; i++) {
                var each = SocketChannel.open(StandardProtocolFamily.UNIX);
                waiting.add(each);
                each.configureBlocking(false);
                try {
                    each.connect(UnixDomainSocketAddress.of(path));
                } catch (IOException _) {
                    break; // the backlog is full
                }
            }

            assertThat(start()).isEmpty();
            assertThat(other.isOpen()).isTrue();
            assertThat(path).exists();
            assertThat(log.text()).contains("another process has");
        } finally {
            for (var each : waiting) {
                each.close();
            }
        }
    }

    @Test
    void theSocketOfALaterProcessStays() throws IOException {
        var server = start().orElseThrow();
        Files.delete(path);
        try (var _ = listen(path)) {
            server.close();

            assertThat(path).exists();
        }
    }

    @Test
    void severalProcessesShareAFolder() throws Exception {
        var where = new ControlPath("", "", Map.of("RUNTIME_DIRECTORY", folder + "/run:/elsewhere"));
        try (var _ = start(where).orElseThrow();
                var _ = start(where).orElseThrow()) {
            assertThat(where.existing()).hasSize(2);
            for (var each : where.existing()) {
                assertThat(pid(each)).isPositive();
            }
        }
        assertThat(where.existing()).isEmpty();
    }

    @Test
    void onlyStaleSocketsAreCleanedUp() throws IOException {
        var stale = folder.resolve("socketforwarder-1.sock");
        listen(stale).close();
        var file = Files.writeString(folder.resolve("socketforwarder-2.sock"), "precious");

        ControlPath.clean(folder);

        assertThat(stale).doesNotExist();
        assertThat(file).exists();
    }

    @Test
    void aPathThatIsTooLongIsTold() {
        path = folder.resolve("x".repeat(200));

        assertThat(start()).isEmpty();
        assertThat(log.text()).contains("set control-socket to a path");
    }

    @Test
    void whatIsNoRequestIsAnswered() throws IOException {
        try (var _ = start().orElseThrow()) {
            assertThat(reply("hello\n")).contains("\"status\":400", "METHOD PATH?PARAMETERS");
            assertThat(reply("GET members?group=%ff\n")).contains("\"status\":400", "UTF-8");
            assertThat(reply("x".repeat(20_000))).contains("\"status\":400", "16384");
            assertThat(reply("POST status?\n")).contains("\"status\":405");
        }
    }

    private String reply(String request) throws IOException {
        try (var connection = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            try {
                connection.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            } catch (IOException _) {
                // The server has read enough.
            }
            return new BufferedReader(Channels.newReader(connection, StandardCharsets.UTF_8)).readLine();
        }
    }

    @Test
    void whenAllPlacesAreTakenTheCommandIsTold() throws Exception {
        var taps = new ArrayList<SocketChannel>();
        try (var _ = start().orElseThrow()) {
            for (int i = 0; i < 16; i++) {
                var tap = SocketChannel.open(UnixDomainSocketAddress.of(path));
                taps.add(tap);
                tap.write(ByteBuffer.wrap("GET tap?group=g\n".getBytes(StandardCharsets.US_ASCII)));
            }
            for (var tap : taps) {
                assertThat(Channels.newInputStream(tap).read()).isEqualTo('\n'); // a heartbeat
            }

            for (int i = 0; i < 100; i++) { // in some of these the answer comes before the question
                assertThatThrownBy(() -> pid(path))
                        .isInstanceOf(NoAnswerException.class)
                        .hasMessage("too many commands at once");
            }
            try (var silent = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                assertThat(Channels.newInputStream(silent).readAllBytes()).isNotEmpty(); // and the end
            }
            for (var tap : taps) {
                tap.close();
            }
            assertThat(answersAgain()).isTrue();
        }
    }

    private boolean answersAgain() {
        long endNs = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() - endNs < 0) {
            try {
                return pid(path) > 0;
            } catch (NoAnswerException _) {
                // Until the heartbeats of the taps fail.
            }
        }
        return false;
    }
}
