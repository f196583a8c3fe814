package dev.socketforwarder.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.testing.TestLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SavedStatesTest {
    private static final byte[] STATE = {1, 2, 3};

    @TempDir
    private Path folder;

    private SavedStates process() {
        return new SavedStates(Optional.of(folder.resolve("state")));
    }

    @Test
    void theNextProcessTakesItOnce() {
        var before = process();
        assertThat(before.take("udp")).isEmpty();
        before.save("udp", STATE);

        var after = process();
        assertThat(after.take("telemetry")).isEmpty();
        assertThat(after.take("udp")).contains(STATE);
        assertThat(after.take("udp")).isEmpty();
        assertThat(process().take("udp")).isEmpty();
    }

    @Test
    void theNextEndpointOfTheSameProcessNeedsNoFolder() {
        var states = new SavedStates(Optional.empty());
        states.save("udp", STATE);
        assertThat(states.take("udp")).contains(STATE);
        assertThat(states.take("udp")).isEmpty();
    }

    @Test
    void itIsTakenOnceByTheSameProcessToo() {
        var states = process();
        states.take("udp");
        states.save("udp", STATE);
        assertThat(states.take("udp")).contains(STATE);
        assertThat(states.take("udp")).isEmpty();
    }

    @Test
    void onlyItsUserMayReadIt() throws IOException {
        var states = process();
        states.take("udp");
        states.save("udp", STATE);
        var inside = folder.resolve("state");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(inside)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(inside.resolve("udp.state"))))
                .isEqualTo("rw-------");
        try (var files = Files.list(inside)) {
            assertThat(files).hasSize(1); // no temporary file is left
        }
    }

    @Test
    void nothingToKeepLeavesNoFile() throws IOException {
        var states = process();
        states.take("udp");
        states.save("udp", new byte[0]);
        try (var files = Files.list(folder.resolve("state"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aFileThatIsTooLargeIsNamedAndGone() throws IOException {
        Files.createDirectories(folder.resolve("state"));
        var file = folder.resolve("state/udp.state");
        try (var large = Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            large.position((16 << 20) + 1).write(ByteBuffer.wrap(STATE));
        }
        try (var log = new TestLog()) {
            assertThat(process().take("udp")).isEmpty();
            assertThat(log.text().lines()).singleElement().asString().contains("gives no state of udp", "16 MiB");
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void aPlaceThatIsNoFolderCostsTheStateAlone() throws IOException {
        var file = Files.createFile(folder.resolve("file"));
        var states = new SavedStates(Optional.of(file));
        try (var log = new TestLog()) {
            assertThat(states.take("udp")).isEmpty();
            states.save("udp", STATE);
            assertThat(log.text().lines()).hasSize(2).allMatch(line -> line.contains("the state directory " + file));
        }
    }

    @Test
    void theSettingGoesBeforeTheEnvironment() {
        var environment = Map.of("STATE_DIRECTORY", "/var/lib/one:/var/lib/two");
        assertThat(SavedStates.folder("", environment)).contains(Path.of("/var/lib/one"));
        assertThat(SavedStates.folder("/srv", environment)).contains(Path.of("/srv"));
        assertThat(SavedStates.folder("", Map.of())).isEmpty();
    }
}
