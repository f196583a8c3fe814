package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests what a new user reads at a terminal, which script(1) provides, and what a pipe gets instead. */
@Timeout(60)
class TerminalTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final byte CTRL_C = 3;

    @Test
    void aTerminalReadsWhatRunsHowToJoinAndHowToStop() throws IOException, InterruptedException {
        // Without exec, some shells stay between, and end with a status of their own.
        var command = "exec " + Launch.HOME.resolve("bin/socketforwarder") + " --set host-address=127.0.0.1 0 0";
        var process = new ProcessBuilder("script", "-qefc", command, "/dev/null")
                .redirectErrorStream(true)
                .start();
        try {
            var lines = Lines.of(process.getInputStream());
            lines.await(1, line -> line.strip().equals("To stop it, press Ctrl-C."), "how to stop", LIMIT);
            var text = lines.toString().replace("\r", "");
            var ports = Pattern.compile("""
                    It runs:
                      tcp  TCP 127\\.0\\.0\\.1:([0-9]+)
                      udp  UDP 127\\.0\\.0\\.1:([0-9]+)
                    """).matcher(text);
            assertThat(ports.find()).as(text).isTrue();
            assertThat(text)
                    .contains("  (echo SOCKETFORWARDER-NEW:demo; cat) | nc 127.0.0.1 " + ports.group(1) + "\n")
                    .contains("  (echo SOCKETFORWARDER-NEW:; cat) | nc -u 127.0.0.1 " + ports.group(2) + "\n");

            process.getOutputStream().write(CTRL_C);
            process.getOutputStream().flush();

            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(lines.toString()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void whatTheLinesSayJoins() {
        try (var forwarder = Launch.onFreePorts().start();
                var one = UdpClient.to(forwarder.udp());
                var other = UdpClient.to(forwarder.udp())) {
            // As echo and nc send it: with a line feed, from the port that hears the answers.
            one.send("SOCKETFORWARDER-NEW:\n");
            other.send("SOCKETFORWARDER-NEW:\n");
            forwarder.err().await(2, line -> line.contains(" joined "), "two members", LIMIT);
            one.send("typed\n");
            other.expect("typed\n");
        }
    }

    @Test
    void aPipeGetsOnlyLinesOfTheLog() {
        try (var forwarder = Launch.onFreePorts().start()) {
            forwarder.stop();
            assertThat(forwarder.out().toString().getBytes(StandardCharsets.UTF_8))
                    .isEmpty();
            assertThat(forwarder.err().matching(line -> !line.matches("[0-9]{4}-[0-9TZ:.-]+ +[A-Z]+ .*")))
                    .isEmpty();
        }
    }
}
