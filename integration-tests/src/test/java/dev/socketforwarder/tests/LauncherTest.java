package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what `bin/socketforwarder` does before the program runs. */
@Timeout(60)
class LauncherTest {
    private static final Path HOME =
            Path.of(System.getProperty("socketforwarder.home")).normalize();

    @TempDir
    private Path folder;

    @Test
    void startsThroughASymlinkInAFolderWithSpacesFromAnyDirectory() throws Exception {
        Path link = Files.createSymbolicLink(
                Files.createDirectory(folder.resolve("a folder")).resolve("sf"), HOME.resolve("bin/socketforwarder"));
        ProcessBuilder builder = new ProcessBuilder(link.toString(), "--version").directory(folder.toFile());

        assertThat(output(builder, 0)).contains(System.getProperty("socketforwarder.version"));
        Files.delete(link);
    }

    @Test
    void startsWithoutTheCacheAndSaysNothingOfIt() throws Exception {
        Path copy = folder.resolve("socketforwarder");
        copy(HOME, copy);
        Files.delete(copy.resolve("lib/socketforwarder.aot"));
        String launcher = copy.resolve("bin/socketforwarder").toString();

        assertThat(output(new ProcessBuilder(launcher, "--version").redirectErrorStream(true), 0))
                .isEqualTo(output(
                        new ProcessBuilder(HOME + "/bin/socketforwarder", "--version").redirectErrorStream(true), 0));
    }

    @Test
    void environmentVariablesWithDotsReachTheProgramAndTheSignalToo() throws Exception {
        int port = freePort();
        ProcessBuilder builder = new ProcessBuilder(HOME + "/bin/socketforwarder")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile());
        builder.environment().put("socketforwarder.tcp.port", String.valueOf(port));
        builder.environment().put("socketforwarder.host_address", "127.0.0.1");
        Process process = builder.start();
        try {
            await().atMost(Duration.ofSeconds(20)).until(() -> accepts(port));

            process.destroy();

            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void textBeyondAsciiReachesTheProgramWithoutALocale() throws Exception {
        // Through a shell, since the tests' own Java may have no locale either.
        ProcessBuilder builder = new ProcessBuilder(
                "bash",
                "-c",
                "export SOCKETFORWARDER_TCP_PRECONFIG_ADDRESSES=$'gr\\xc3\\xbcn:localhost:1'; exec \"$0\" config 6753",
                HOME + "/bin/socketforwarder");
        withoutLocale(builder);

        assertThat(output(builder, 0)).contains("gr\u00fcn:localhost:1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "LANG=C",
                "LC_ALL=POSIX",
                "LC_CTYPE=C LANG=C.UTF-8",
                "LANG=C LC_TIME=xx_XX.UTF-8",
                "LANG=xx_XX.UTF-8",
                "LC_ALL=xx_XX.utf8",
                "LC_CTYPE=UTF-8"
            })
    void pathsMayHaveAnyCharacterWhereThisMachineHasNoSuchLocale(String locale) throws Exception {
        assertThat(encodingOfPaths(locale)).isEqualTo("UTF-8");
    }

    @Test
    void aLocaleWithAnotherEncodingStays() throws Exception {
        // It does not matter that no such locale exists; Java has its own answer to that.
        assertThat(encodingOfPaths("LC_ALL=xx_XX.ISO-8859-1")).isNotEqualTo("UTF-8");
    }

    private static String encodingOfPaths(String locale) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(HOME + "/bin/socketforwarder", "--version");
        withoutLocale(builder);
        for (String variable : locale.split(" ")) {
            String[] parts = variable.split("=");
            if (parts.length == 2) {
                builder.environment().put(parts[0], parts[1]);
            }
        }
        // The cache must fit in any locale, too.
        builder.environment().put("JDK_JAVA_OPTIONS", "-XX:AOTMode=on -XshowSettings:properties");
        Matcher matcher =
                Pattern.compile("sun\\.jnu\\.encoding = (\\S+)").matcher(output(builder.redirectErrorStream(true), 0));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private static void withoutLocale(ProcessBuilder builder) {
        builder.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.startsWith("LANG"));
    }

    private static String output(ProcessBuilder builder, int exitCode) throws Exception {
        Process process = builder.start();
        process.getOutputStream().close();
        try (InputStream in = process.getInputStream()) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(text).isEqualTo(exitCode);
            return text;
        }
    }

    private static void copy(Path from, Path to) throws Exception {
        output(new ProcessBuilder("cp", "-a", from.toString(), to.toString()), 0);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
