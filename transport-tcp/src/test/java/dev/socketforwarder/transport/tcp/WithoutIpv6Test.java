package dev.socketforwarder.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.testing.TestJvm;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listening where the machine has no IPv6: in a process of its own. */
@Timeout(60)
class WithoutIpv6Test {
    @Test
    void anAddressOfAFamilyThatIsNotThereIsABindFailureOfOneLine() throws Exception {
        var said = TestJvm.run(TestJvm.command(List.of("-Djava.net.preferIPv4Stack=true"), WithoutIpv6Test.class));

        assertThat(said).hasSize(1);
        assertThat(said.getFirst())
                .startsWith("dev.socketforwarder.api.kit.BindFailure: tcp cannot bind 0:0:0:0:0:0:0:1");
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
