package dev.socketforwarder.runtime.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.testing.TestJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the temporary folder of a process, and the removal of those left behind. */
@Timeout(60)
class ProcessFolderTest {
    @TempDir
    private Path parent;

    /** Another process, which makes a folder, prints its path, and waits until its input ends. */
    static final class Another {
        private Another() {}

        static void main(String[] arguments) throws IOException {
            var folder = ProcessFolder.in(Path.of(arguments[0]));
            Files.writeString(
                    Files.createDirectory(folder.path().resolve("copies")).resolve("x.jar"), "x");
            System.out.println(folder.path());
            System.in.read();
            assertThat(folder.lock().isOpen()).isTrue();
        }
    }

    private Process another() throws IOException {
        return new ProcessBuilder(TestJvm.command(List.of(), Another.class, parent.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Path made(Process process) throws IOException {
        return Path.of(process.inputReader(StandardCharsets.UTF_8).readLine());
    }

    @Test
    void whatAProcessThatWasKilledLeftIsRemovedByTheNextAndThatOfALivingOneIsNot() throws Exception {
        var living = another();
        var killed = another();
        try {
            var itsOwn = made(living);
            var left = made(killed);
            var ours = ProcessFolder.in(parent);
            assertThat(left.resolve("copies/x.jar")).as("while it lives").exists();

            killed.destroyForcibly().waitFor();
            assertThat(left).exists();
            var next = ProcessFolder.in(parent);

            assertThat(left).doesNotExist();
            assertThat(itsOwn.resolve("copies/x.jar")).exists();
            assertThat(ours.path()).exists();
            assertThat(next.path()).exists();

            living.getOutputStream().close();
            assertThat(living.waitFor()).isZero();
            assertThat(itsOwn).as("after an orderly end").doesNotExist();
        } finally {
            living.destroyForcibly();
            killed.destroyForcibly();
        }
    }

    @Test
    void oneThatOthersCouldWriteToOrThatIsALinkIsLeftAlone() throws Exception {
        var elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("lock"), "");
        var link = Files.createSymbolicLink(parent.resolve("socketforwarder-plugins-link"), elsewhere);
        var open = Files.createDirectory(parent.resolve("socketforwarder-plugins-open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));

        ProcessFolder.in(parent);

        assertThat(elsewhere.resolve("lock")).exists();
        assertThat(link).exists();
        assertThat(open).exists();
    }

    @Test
    void linksInOneThatWasLeftAreNotFollowed() throws Exception {
        var elsewhere = Files.createDirectory(parent.resolve("elsewhere"));
        var precious = Files.writeString(elsewhere.resolve("precious"), "");
        var left = Files.createDirectory(
                parent.resolve("socketforwarder-plugins-left"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createSymbolicLink(left.resolve("link"), elsewhere);

        ProcessFolder.in(parent);

        assertThat(left).doesNotExist();
        assertThat(precious).exists();
    }
}
