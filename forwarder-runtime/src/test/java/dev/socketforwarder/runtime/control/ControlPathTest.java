package dev.socketforwarder.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlPathTest {

    private static List<Path> folders(String runtimeDirectory) {
        return new ControlPath("", "/image", Map.of("RUNTIME_DIRECTORY", runtimeDirectory)).foldersOfServer();
    }

    @Test
    void theFirstFolderThatSystemdNamesIsUsed() {
        assertThat(folders("/run/a")).containsExactly(Path.of("/run/a"));
        assertThat(folders("/run/a:/run/b")).containsExactly(Path.of("/run/a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "::", ":/run/a", "run", "./run", "../run"})
    void aFolderThatCommandsCouldNotFindIsNotUsed(String runtimeDirectory) {
        assertThat(folders(runtimeDirectory)).containsExactly(Path.of("/image/run"));
    }
}
