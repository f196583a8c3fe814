package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HealthCheck;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** Tests what the container image promises beyond the program. */
@Tag("container")
@Timeout(120)
class ContainerImageTest {
    private static final DockerImageName IMAGE = DockerImageName.parse(System.getProperty("socketforwarder.container"));

    @Test
    void isHealthyWithReadOnlyRootAndWithoutCapabilitiesAndStopsInTime() {
        try (GenericContainer<?> container = container(6753)) {
            container.start();
            assertThat(container.getContainerInfo().getConfig().getUser()).isEqualTo("65532:65532");
            assertThat(container.getContainerInfo().getConfig().getExposedPorts())
                    .contains(ExposedPort.tcp(6753), ExposedPort.udp(6753));

            long begin = System.nanoTime();
            container
                    .getDockerClient()
                    .stopContainerCmd(container.getContainerId())
                    .withTimeout(10)
                    .exec();

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(9));
            assertThat(container.getCurrentContainerInfo().getState().getExitCodeLong())
                    .as(container.getLogs())
                    .isZero();
        }
    }

    @Test
    void environmentVariablesWithDotsReachTheProgram() throws Exception {
        try (GenericContainer<?> container = container(7000).withEnv("socketforwarder.tcp.port", "7000")) {
            container.start();
            try (Socket socket = new Socket(container.getHost(), container.getMappedPort(7000))) {
                assertThat(socket.isConnected()).isTrue();
            }
        }
    }

    private static GenericContainer<?> container(int port) {
        return new GenericContainer<>(IMAGE)
                .withImagePullPolicy(image -> false)
                .withExposedPorts(port)
                .withCreateContainerCmdModifier(command -> {
                    command.getHostConfig().withReadonlyRootfs(true).withCapDrop(Capability.ALL);
                    // The image's own check, but sooner than after 30 s.
                    command.withHealthcheck(
                            new HealthCheck().withInterval(Duration.ofSeconds(1).toNanos()));
                })
                .waitingFor(Wait.forHealthcheck().withStartupTimeout(Duration.ofSeconds(60)));
    }
}
