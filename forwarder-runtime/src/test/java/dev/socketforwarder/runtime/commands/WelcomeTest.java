package dev.socketforwarder.runtime.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.endpoints.Endpoints;
import dev.socketforwarder.runtime.testing.FakeTransport;
import dev.socketforwarder.runtime.testing.Fakes;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what somebody at a terminal reads at the start. */
class WelcomeTest {
    private static String shown(String transports) {
        var tcp = new FakeTransport("tcp");
        var udp = new FakeTransport("udp");
        udp.protocol = Protocol.UDP;
        var configuration = Fakes.yaml("transports: " + transports);
        var hosted = Endpoints.open(configuration, Fakes.shared(Fakes.plugins(tcp, udp)))
                .hosted();
        var out = new ByteArrayOutputStream();
        new Welcome(configuration, hosted, Optional.empty()).print(new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatRunsHowToJoinAndHowToStop() {
        assertThat(shown("{tcp: {port: 7001, host-address: 127.0.0.1}, feed: {type: udp, port: 7002}}"))
                .isEqualTo("""

                It runs:
                  tcp   TCP 127.0.0.1:7001
                  feed  UDP 0.0.0.0:7002
                To join over TCP, run this in two other terminals, and type lines into them:
                  (echo SOCKETFORWARDER-NEW:demo; cat) | nc 127.0.0.1 7001
                To join over UDP, run this in two other terminals, and type lines into them:
                  (echo SOCKETFORWARDER-NEW:; cat) | nc -u 127.0.0.1 7002
                To stop it, press Ctrl-C.

                """);
    }

    @Test
    void whoNeverAskedForUdpReadsNothingOfIt() {
        assertThat(shown("{tcp: {port: 7001}}"))
                .doesNotContainIgnoringCase("udp")
                .contains("nc 127.0.0.1 7001");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{tcp: {port: 1, host-address: '::'}}|nc ::1 1",
                "{tcp: {port: 1, new-client-prefix: \"JOIN it's \"}}|(echo 'JOIN it'\\''s demo'; cat) | nc",
                "{tcp: {port: 1, framing: length-prefixed, first-message: line}, b: {type: tcp, port: 2}}|nc 127.0.0.1 2",
            })
    void theLineSuitsTheEndpoint(String transports, String line) {
        assertThat(shown(transports)).contains(line);
    }

    @Test
    void whatCannotBeJoinedByHandHasNoLine() {
        assertThat(shown("{tcp: {port: 1, framing: length-prefixed, first-message: line}}"))
                .doesNotContain("To join");
    }
}
