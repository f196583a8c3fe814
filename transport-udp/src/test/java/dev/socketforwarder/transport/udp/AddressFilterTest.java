package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;

/** Tests that datagrams pass {@code allow} and {@code deny}. */
@BothPaths
@Timeout(60)
class AddressFilterTest {
    @Parameter
    private IoPath io;

    @Test
    void nothingOfADeniedAddressIsTaken() throws IOException {
        try (var server = TestServer.start(TestServer.settings(io).set("deny", "127.0.0.0/8"));
                var peer = server.peer()) {
            peer.register();
            peer.send("data".getBytes());
            server.awaitCount(Reason.DENIED_ADDRESS, 2);
            assertThat(server.count(Counter.MEMBERS)).isZero();
            assertThat(server.count(Counter.BYTES_IN)).isZero();
        }
    }

    @Test
    void anAllowedAddressTakesPart() throws IOException {
        try (var server = TestServer.start(TestServer.settings(io).set("allow", "10.0.0.0/8,127.0.0.1"));
                var peer = server.peer();
                var member = server.member()) {
            peer.send("data".getBytes());
            assertThat(member.receive()).isEqualTo("data".getBytes());
        }
    }
}
