package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** Tests both protocols through the ports of a container without any privileges. */
@Tag("container")
@Timeout(120)
class ContainerForwardingTest {
    private static final int PORT = 7001;
    private static final DockerImageName IMAGE = DockerImageName.parse(System.getProperty("socketforwarder.container"));

    private static GenericContainer<?> container;

    @BeforeAll
    static void start() {
        container = new GenericContainer<>(IMAGE)
                .withImagePullPolicy(image -> false)
                .withEnv("socketforwarder.tcp.port", Integer.toString(PORT))
                .withEnv("socketforwarder.udp.port", Integer.toString(PORT))
                .withEnv("SOCKETFORWARDER_DEBUG", "true")
                .withExposedPorts(PORT)
                .withCreateContainerCmdModifier(command -> {
                    var udp = ExposedPort.udp(PORT);
                    var host = command.getHostConfig().withReadonlyRootfs(true).withCapDrop(Capability.ALL);
                    host.getPortBindings().add(new PortBinding(Ports.Binding.empty(), udp));
                    var exposed = command.getExposedPorts();
                    var both = java.util.Arrays.copyOf(exposed, exposed.length + 1);
                    both[exposed.length] = udp;
                    command.withExposedPorts(both);
                })
                .waitingFor(Wait.forLogMessage(".*udp listening on 0\\.0\\.0\\.0:" + PORT + ".*\\n", 1)
                        .withStartupTimeout(Duration.ofSeconds(60)));
        container.start();
    }

    @AfterAll
    static void stop() {
        container.close();
    }

    private static InetSocketAddress tcp() {
        return new InetSocketAddress(container.getHost(), container.getMappedPort(PORT));
    }

    private static InetSocketAddress udp() {
        var bindings = container
                .getContainerInfo()
                .getNetworkSettings()
                .getPorts()
                .getBindings()
                .get(ExposedPort.udp(PORT));
        return new InetSocketAddress(container.getHost(), Integer.parseInt(bindings[0].getHostPortSpec()));
    }

    @Test
    void tcpMembersHearEachOther() {
        var noise = Noise.random();
        try (var one = TcpClient.connect(tcp()).join("in-a-container");
                var other = TcpClient.connect(tcp()).join("in-a-container")) {
            // The engine hides the clients' addresses, so joins are counted.
            await().atMost(Forwarder.LIMIT)
                    .until(() -> container.getLogs().split(" joined \"in-a-container\"").length == 3);
            Flood.start(one, noise, 5_000_000);
            Flood.expect(other, noise, 0, 5_000_000);
            other.send("and back");
            one.expect("and back");
        }
    }

    @Test
    void commandsReachTheForwarderInsideThoughItsFileSystemIsReadOnly() throws Exception {
        try (var one = TcpClient.connect(tcp()).join("seen")) {
            await().atMost(Forwarder.LIMIT).until(() -> container.getLogs().contains(" joined \"seen\""));
            var members = container.execInContainer("socketforwarder", "members", "seen");

            assertThat(members.getExitCode()).as(members.getStderr()).isZero();
            assertThat(members.getStdout()).contains("\"seen\"", "tcp");
            one.leave();
        }
    }

    @Test
    void udpMembersHearEachOtherThoughTheForwarderSeesTheBridgesAddress() {
        // The registration has no port, since only the forwarder knows the address that the engine gave the client.
        try (var one = UdpClient.to(udp()).register();
                var other = UdpClient.to(udp()).register()) {
            // The engine may pass the two on by different paths, so in any order.
            await().atMost(Forwarder.LIMIT).until(() -> registered().size() == 2);
            assertThat(registered())
                    .doesNotHaveDuplicates()
                    .allMatch(address -> address.startsWith(bridge() + ":"), "is the bridge's, " + bridge());
            one.send("one");
            other.expect("one").send("other");
            one.expect("other");
            var noise = Noise.random().slice(0, 9_000);
            one.send(noise);
            assertThat(other.receive()).isEqualTo(noise);
        }
    }

    /** {@return the registered addresses in the log} */
    private static List<String> registered() {
        return Pattern.compile("udp (\\S+) joined ")
                .matcher(container.getLogs())
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    /** {@return the address of the engine's bridge, as containers see it} */
    private static String bridge() {
        var networks = container.getContainerInfo().getNetworkSettings().getNetworks();
        return networks.values().iterator().next().getGateway();
    }

    @Test
    void processOneIsJavaWithoutPrivileges() throws Exception {
        var status = container.execInContainer("cat", "/proc/1/status").getStdout();
        assertThat(status).containsPattern("(?m)^Name:\\s+java$");
        assertThat(status).containsPattern("(?m)^Uid:\\s+65532\\s+65532\\s+65532\\s+65532$");
        assertThat(status).containsPattern("(?m)^CapEff:\\s+0+$");
        var written = container.execInContainer("sh", "-c", "echo x > /tmp/x || echo x > /opt/socketforwarder/x");
        assertThat(written.getExitCode()).isNotZero();
    }
}
