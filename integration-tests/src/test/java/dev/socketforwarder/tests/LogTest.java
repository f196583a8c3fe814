package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Tests the format of log lines, and where they go. */
class LogTest {
    private static final String TEXT = "\"(?:[^\"\\\\\\p{Cntrl}]|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4})*\"";
    private static final String FIELD = TEXT + ":(?:" + TEXT + "|[0-9]+)";
    private static final Pattern FLAT_JSON = Pattern.compile("\\{" + FIELD + "(?:," + FIELD + ")*\\}");
    private static final Pattern LINE =
            Pattern.compile("(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z) (ERROR|WARN |INFO |DEBUG) \\S.*");

    @Test
    void linesForPeopleHaveTheTimeInUtcAndTheLevel() {
        var begin = Instant.now().minusSeconds(2);
        try (var forwarder = Launch.onFreePorts().env("TZ", "Asia/Tokyo").start();
                var wrong = TcpClient.connect(forwarder.tcp())) {
            wrong.send("wrong\n").expectClosed();
            forwarder.awaitLine("wrong-prefix");
            forwarder.stop();

            assertThat(forwarder.err().soFar()).hasSizeGreaterThan(3).allSatisfy(line -> {
                var matcher = LINE.matcher(line);
                assertThat(matcher.matches()).as(line).isTrue();
                assertThat(Instant.parse(matcher.group(1))).isBetween(begin, begin.plus(Duration.ofMinutes(2)));
            });
        }
    }

    @Test
    void linesForProgramsAreJsonWhateverPeersSend() {
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_LOG_FORMAT", "json")
                        .start();
                var member = TcpClient.connect(forwarder.tcp())) {
            member.join("\"quoted\" \\ {group} \ud83d\ude00");
            forwarder.awaitLine(" joined ");
            int source = 1;
            for (var rubbish :
                    new String[] {"\"}\n{\"", "\\\"\\u0000", "\u0000\u0007\u001b[0m\n", "\u2028\ufeff\u202e\n"}) {
                try (var wrong = TcpClient.connectFrom("127.4.0." + source, forwarder.tcp())) {
                    wrong.send(rubbish).expectClosed();
                }
                forwarder.awaitLine("refused 127.4.0." + source++ + ": wrong-prefix");
            }
            forwarder.stop();

            assertThat(forwarder.err().soFar()).hasSizeGreaterThan(8).allSatisfy(line -> {
                assertThat(line).matches(FLAT_JSON);
                assertThat(line).contains("\"time\":\"20", "\"level\":\"", "\"message\":\"", "Z\"");
            });
            assertThat(forwarder.err().matching(line -> line.contains(" joined \\\"")))
                    .singleElement()
                    .asString()
                    .contains("\"endpoint\":\"tcp\",\"peer\":\"" + member.shown() + "\"")
                    .contains("\"group\":\"\\\"quoted\\\" \\\\ {group} \ud83d\ude00\",\"members\":1");
            assertThat(forwarder.err().matching(line -> line.contains("refused 127.4.0.1")))
                    .singleElement()
                    .asString()
                    .contains("\"peer\":\"127.4.0.1\",\"reason\":\"wrong-prefix\",\"port\":");
        }
    }

    @Test
    void logMayGoToStandardOutput() {
        var process =
                Launch.onFreePorts().env("SOCKETFORWARDER_LOG_OUTPUT", "stdout").startProcess();
        try {
            var out = Lines.of(process.getInputStream());
            var err = Lines.of(process.getErrorStream());
            out.await(1, line -> line.contains("tcp listening on"), "tcp listening on", Forwarder.LIMIT);
            process.destroy();
            assertThat(process.waitFor()).isZero();
            out.awaitEnd(Forwarder.LIMIT);
            assertThat(out.soFar()).allMatch(line -> LINE.matcher(line).matches());
            assertThat(err.awaitEnd(Forwarder.LIMIT)).isEmpty();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void connectionsAreLoggedAtDebugAlone() {
        try (var forwarder = Launch.with("--set", "transports.tcp.port=0", "--set", "host-address=127.0.0.1")
                        .start();
                var one = TcpClient.connect(forwarder.tcp()).join("g");
                var other = TcpClient.connect(forwarder.tcp()).join("g")) {
            one.awaitRead();
            other.awaitRead();
            one.leave();
            other.leave();
            forwarder.stop();
            assertThat(forwarder.err().matching(line -> line.contains(" joined \"g\"") || line.contains("DEBUG")))
                    .isEmpty();
        }
    }
}
