package dev.socketforwarder.runtime.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.socketforwarder.runtime.testing.TestLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@EnabledOnOs(OS.LINUX)
class ServiceManagerTest {
    private static final long PID = 4_711;

    @TempDir
    private Path folder;

    private static ServiceManager at(String path) {
        return ServiceManager.of(Map.of("NOTIFY_SOCKET", path), PID);
    }

    @Test
    void itIsToldInTheWordsOfSystemd() throws IOException {
        var path = folder.resolve("notify").toString();
        try (var socket = new ServiceManagerSocket(path);
                var manager = at(path)) {
            assertThat(manager.listens()).isTrue();
            manager.ready();
            assertThat(socket.receive()).isEqualTo("READY=1");
            long before = System.nanoTime() / 1_000;
            manager.reloading();
            var reloading = socket.receive();
            assertThat(reloading).matches("RELOADING=1\nMONOTONIC_USEC=[0-9]+");
            assertThat(Long.parseLong(reloading.substring(reloading.lastIndexOf('=') + 1)))
                    .isBetween(before, System.nanoTime() / 1_000);
            manager.alive();
            assertThat(socket.receive()).isEqualTo("WATCHDOG=1");
            manager.stopping(Duration.ofSeconds(15));
            assertThat(socket.receive()).isEqualTo("STOPPING=1\nEXTEND_TIMEOUT_USEC=15000000");
            manager.ready(); // says nothing any more
            manager.status("nothing but this");
            assertThat(socket.receive()).isEqualTo("STATUS=nothing but this");
        }
    }

    @Test
    void aStatusIsToldOnceAndOnOneLine() throws IOException {
        var path = folder.resolve("notify").toString();
        try (var socket = new ServiceManagerSocket(path);
                var manager = at(path)) {
            manager.status("two members");
            manager.status("two members");
            manager.status("odd\nREADY=1");
            assertThat(socket.receive()).isEqualTo("STATUS=two members");
            assertThat(socket.receive()).startsWith("STATUS=odd").doesNotContain("\n");
        }
    }

    @Test
    void itsNameMayBeAbstract() throws IOException {
        var name = "@socketforwarder-test-" + ProcessHandle.current().pid();
        try (var socket = new ServiceManagerSocket(name);
                var manager = at(name)) {
            manager.ready();
            assertThat(socket.receive()).isEqualTo("READY=1");
        }
    }

    @Test
    void whereThereIsNoneNothingIsToldAndNothingWatched() {
        var manager = ServiceManager.of(Map.of("WATCHDOG_USEC", "1000000"), PID);

        assertThat(manager.listens()).isFalse();
        assertThat(manager.watchdog()).isEmpty();
        assertThatCode(() -> {
                    manager.ready();
                    manager.reloading();
                    manager.stopping(Duration.ofSeconds(1));
                    manager.status("nothing");
                    manager.alive();
                    manager.close();
                })
                .doesNotThrowAnyException();
    }

    @Test
    void aFailureIsLoggedOnce() {
        try (var log = new TestLog()) {
            var gone = at(folder.resolve("gone").toString());
            gone.ready();
            gone.alive();
            gone.close();
            assertThat(log.text().lines())
                    .singleElement()
                    .asString()
                    .contains("the service manager cannot be told", "sendto: No such file");
        }
    }

    @Test
    void aPathThatIsNoneIsNamed() {
        try (var log = new TestLog()) {
            at("relative").ready();
            at("/" + "a".repeat(108)).ready();
            at("vsock:2:1234").ready();
            assertThat(log.text().lines()).hasSize(3).allMatch(line -> line.contains("neither an absolute path"));
        }
    }

    @Test
    void theWatchdogIsForTheProcessThatItNames() throws IOException {
        var path = folder.resolve("notify").toString();
        try (var _ = new ServiceManagerSocket(path)) {
            assertThat(watchdog(path, "1500000", "4711")).contains(Duration.ofMillis(1_500));
            assertThat(watchdog(path, "1500000", "4712")).isEmpty();
            assertThat(watchdog(path, "0", "4711")).isEmpty();
            assertThat(watchdog(path, "soon", "4711")).isEmpty();
        }
    }

    private static Optional<Duration> watchdog(String path, String us, String pid) {
        try (var manager =
                ServiceManager.of(Map.of("NOTIFY_SOCKET", path, "WATCHDOG_USEC", us, "WATCHDOG_PID", pid), PID)) {
            return manager.watchdog();
        }
    }
}
