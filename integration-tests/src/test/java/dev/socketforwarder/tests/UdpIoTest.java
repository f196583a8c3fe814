package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests the setting {@code io}: the log names the path once, and datagrams pass on either path. {@link SegmentsTest}
 * checks what the native path sends.
 */
@EnabledOnOs(
        value = OS.LINUX,
        architectures = {"amd64", "aarch64"})
class UdpIoTest {

    @ParameterizedTest
    @CsvSource({"auto,native", "native,native", "nio,nio"})
    void oneLineSaysWhichPathRuns(String io, String path) {
        var launch = Launch.with("--set", "transports.udp.port=0", "--set", "host-address=127.0.0.1")
                .arg("--set")
                .arg("transports.udp.io=" + io);
        try (var forwarder = launch.start();
                var receiver = UdpClient.to(forwarder.udp());
                var sender = UdpClient.to(forwarder.udp())) {
            receiver.register();
            sender.send("hello");
            receiver.expect("hello");
            assertThat(forwarder.err().matching(line -> line.contains("Endpoint udp: I/O is ")))
                    .singleElement()
                    .asString()
                    .contains("I/O is " + path);
            // The JVM does not complain about native access.
            assertThat(forwarder.err().matching(line -> line.contains("WARNING")))
                    .isEmpty();
        }
    }

    @Test
    void anUnknownPathIsAWrongConfiguration() {
        var result = Launch.with("--set", "transports.udp.port=0", "--set", "transports.udp.io=fast")
                .run();
        assertThat(result.exitCode()).as(result.errText()).isEqualTo(2);
        assertThat(result.errText()).contains("transports.udp.io").contains("auto or native or nio");
    }
}
