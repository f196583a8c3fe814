package dev.socketforwarder.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the limits for files that settings name. */
@Timeout(60)
public class SmallFileTest {
    @TempDir
    private Path folder;

    /** {@return a pipe without a writer} */
    public static Path pipe(Path at) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("mkfifo", at.toString()).start().waitFor())
                .isZero();
        return at;
    }

    private static void assertRefused(Path file, String why) {
        assertThatThrownBy(() -> SmallFile.read(file, 10))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why)
                .hasMessageNotContaining("\n");
    }

    @Test
    void aFileIsReadUpToItsLimit() throws IOException {
        var file = Files.writeString(folder.resolve("f"), "0123456789");
        assertThat(SmallFile.read(file, 10)).asString().isEqualTo("0123456789");
        Files.writeString(file, "0123456789!");
        assertRefused(file, "it is larger than 10 bytes");
    }

    @ParameterizedTest
    @CsvSource({"/dev/zero, device", "/dev/tty, device", "/, folder", "/no/such, it does not exist"})
    void whatDoesNotEndIsNotRead(Path file, String why) {
        assertRefused(file, why);
    }

    @Test
    void aPipeIsRefusedWhoeverWritesToItOrNobody() throws Exception {
        var pipe = pipe(folder.resolve("pipe"));
        assertRefused(pipe, "pipe");
        assertRefused(Files.createSymbolicLink(folder.resolve("link"), pipe), "pipe");
        assertThatThrownBy(() -> SmallFile.copy(pipe, folder.resolve("copy"), 10))
                .hasMessageContaining("pipe");
    }

    @Test
    void aConfigurationMayComeByAPipe() throws Exception {
        var pipe = pipe(folder.resolve("pipe"));
        var writer = Thread.ofVirtual().start(() -> {
            try {
                Files.writeString(pipe, "debug: on");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(SmallFile.readPipe(pipe, 10)).asString().isEqualTo("debug: on");
        writer.join();
        assertThatThrownBy(() -> SmallFile.readPipe(Path.of("/dev/zero"), 10)).hasMessageContaining("larger than 10");
    }

    @Test
    void nothingHugeIsCopied() throws IOException {
        var huge = folder.resolve("huge");
        try (var file = new RandomAccessFile(huge.toFile(), "rw")) {
            file.setLength(11L << 20); // a file without any block on the disk
        }
        assertThatThrownBy(() -> SmallFile.copy(huge, folder.resolve("copy"), 10 << 20))
                .hasMessage("it is larger than 10 MiB, the most that is allowed");
    }
}
