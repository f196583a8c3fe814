package dev.socketforwarder.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listening where the machine has no IPv6: in a process of its own. */
@Timeout(60)
class WithoutIpv6Test {
    @Test
    void anAddressOfAFamilyThatIsNotThereIsABindFailureOfOneLine() throws Exception {
        var said = run();

        assertThat(said).hasSize(1);
        assertThat(said.getFirst())
                .startsWith("dev.socketforwarder.api.kit.BindFailure: tcp cannot bind 0:0:0:0:0:0:0:1");
    }

    private static List<String> run() throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        var classpath = System.getProperty("java.class.path");
        var process = new ProcessBuilder(
                        java.toString(),
                        "-Djava.net.preferIPv4Stack=true",
                        "-cp",
                        classpath,
                        WithoutIpv6Test.class.getName())
                .redirectError(Redirect.INHERIT)
                .start();
        var lines = new ArrayList<String>();
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
            out.lines().forEach(lines::add);
        }
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(lines.toString()).isZero();
        return lines;
    }

    public static void main(String[] args) {
        try (var _ = new TcpServer(Map.of("host-address", List.of("127.0.0.1", "::1")))) {
            System.out.println("it could bind");
        } catch (IOException | RuntimeException e) {
            System.out.println(e);
        }
        System.exit(0);
    }
}
