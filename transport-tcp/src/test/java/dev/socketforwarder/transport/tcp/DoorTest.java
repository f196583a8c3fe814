package dev.socketforwarder.transport.tcp;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.SettingException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DoorTest {

    @Test
    void aDeniedAddressIsClosedBeforeAByteIsRead() throws IOException {
        try (var server = new TestServer(Map.of("deny", List.of("127.0.0.0/8")))) {
            server.connect().awaitClosed();
            server.awaitOnce(Reason.DENIED_ADDRESS);
            server.awaitNoConnections();
        }
    }

    @Test
    void onlyAllowedAddressesComeInWhereSomeAreAllowed() throws IOException {
        try (var server = new TestServer(Map.of("allow", List.of("10.0.0.0/8", "::1")))) {
            server.connect().awaitClosed();
            server.awaitOnce(Reason.DENIED_ADDRESS);
        }
        try (var server = new TestServer(Map.of("allow", List.of("10.0.0.0/8", "127.0.0.1")))) {
            server.join("g");
            server.awaitAtLeast(Counter.JOINED, 1);
        }
    }

    @Test
    void aDeniedAddressIsSoEvenIfItIsAllowed() throws IOException {
        try (var server = new TestServer(Map.of("allow", List.of("127.0.0.0/8"), "deny", List.of("127.0.0.1")))) {
            server.connect().awaitClosed();
            server.awaitOnce(Reason.DENIED_ADDRESS);
        }
    }

    @Test
    void aListThatHoldsNoAddressIsAnError() {
        var context = new TestContext(Map.of("port", 0, "allow", List.of("localhost")));
        assertThatThrownBy(() -> new TcpTransport().open(context)).isInstanceOf(SettingException.class);
    }
}
