package dev.socketforwarder.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.kit.BindFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests two endpoints at one address. */
@Timeout(30)
class ReusePortTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static Map<String, Object> settings(int port, boolean isShared) {
        return Map.of("port", port, "reuse-port", isShared);
    }

    @Test
    void oneTakesOverFromTheOther() throws IOException {
        try (var old = new TcpServer(settings(0, true))) {
            int port = old.address().getPort();
            var member = old.join("g");
            try (var fresh = new TcpServer(settings(port, true))) {
                for (int i = 0; i < 20; i++) {
                    old.connect().send("SOCKETFORWARDER-NEW:g\n");
                }
                old.endpoint.quiesce(GRACE);
                old.endpoint.stop(GRACE);
                member.awaitEnd();
                for (int i = 0; i < 20; i++) {
                    fresh.join("g");
                }
                assertThat(old.count(Counter.JOINED) + fresh.count(Counter.JOINED))
                        .isEqualTo(41);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, true", "false, false"})
    void bothMustAskForIt(boolean isFirst, boolean isSecond) throws IOException {
        try (var first = new TcpServer(settings(0, isFirst))) {
            int port = first.address().getPort();
            assertThatThrownBy(() -> new TcpServer(settings(port, isSecond)).close())
                    .isInstanceOf(BindFailure.class)
                    .hasMessageContaining("in use");
        }
    }
}
