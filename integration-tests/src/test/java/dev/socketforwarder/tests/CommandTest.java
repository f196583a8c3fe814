package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the commands: what they print, where, and how they end. */
class CommandTest {

    private static final List<String> COMMANDS =
            List.of("--version", "check 1 1", "plugins", "--help", "config 1 1", "health 1 1", "nonsense", "demo");
    private static final Map<String, Launch.Result> WITH_CACHE = new ConcurrentHashMap<>();

    @TempDir
    private Path folder;

    @Test
    void versionAndHelp() {
        var version = Launch.with("--version").run();
        assertThat(version.exitCode()).isZero();
        assertThat(version.outText()).contains(System.getProperty("socketforwarder.version"));
        assertThat(version.err()).isEmpty();

        for (var command : List.of("", "check", "config", "plugins", "health", "token", "demo")) {
            var help = (command.isEmpty() ? Launch.with("--help") : Launch.with(command, "--help")).run();
            assertThat(help.exitCode()).isZero();
            assertThat(help.outText()).contains("Usage: socketforwarder");
            assertThat(help.err()).isEmpty();
        }
        assertThat(Launch.with("--help").run().outText())
                .contains("check", "config", "plugins", "health", "token", "demo");
    }

    @Test
    void checkBindsNothing() throws IOException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var result = Launch.with("check", Integer.toString(taken.getLocalPort()))
                    .env("socketforwarder.host_address", "127.0.0.1")
                    .run();
            assertThat(result.exitCode()).as(result.errText()).isZero();
            // Beside another forwarder of this machine's user, nothing can tell whether the port is its.
            assertThat(result.out()).endsWith("  tcp  TCP 127.0.0.1:" + taken.getLocalPort());
            assertThat(result.err())
                    .singleElement()
                    .asString()
                    .contains("argument TCP_PORT: transports.tcp.port is \"" + taken.getLocalPort()
                            + "\", a port where another program listens now");
        }
    }

    @Test
    void checkTellsOfWhatAStartWouldFailOn() {
        var strict = Launch.with("check", "--strict", "0", "--set", "host-address=203.0.113.9")
                .run();
        assertThat(strict.exitCode()).isEqualTo(2);
        assertThat(strict.outText()).isEqualTo("The configuration has 1 warning, which --strict does not accept.");
        assertThat(strict.errText()).contains("an address that this machine does not have");

        var twice = Launch.with("--set", "transports.tcp.port=7001", "--set", "admin.port=7001")
                .run();
        assertThat(twice.exitCode()).isEqualTo(2);
        assertThat(twice.err())
                .singleElement()
                .asString()
                .contains("admin.port is \"7001\", but must be another port or at another address: tcp listens on");
    }

    @Test
    void checkTellsWhichServersAndGroupsABridgeWouldUse() {
        var both = Launch.with("check")
                .yaml(
                        "transports: { nats: { servers: [nats://127.0.0.1:1, 'nats://127.0.0.2:1'], groups: ['a-*', b] } }\n")
                .run();
        assertThat(both.out())
                .endsWith("  nats  connects to nats://127.0.0.1:1, connects to nats://127.0.0.2:1, groups a-* b, prefix"
                        + " socketforwarder");

        var one = Launch.with(
                        "check", "--set", "transports.nats.servers=127.0.0.1", "--set", "transports.nats.prefix=x.y")
                .run();
        assertThat(one.out()).endsWith("  nats  connects to 127.0.0.1, groups *, prefix x.y");
    }

    @Test
    void pluginsListsTransportsAndPoliciesWithModuleVersionAndPlace() {
        var result = Launch.with("plugins").run();
        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).isEmpty();
        var version = System.getProperty("socketforwarder.version");
        assertThat(result.out())
                .anyMatch(line -> line.matches(" *tcp +dev\\.socketforwarder\\.transport\\.tcp +" + version + " +\\S+"))
                .anyMatch(line -> line.matches(" *udp +dev\\.socketforwarder\\.transport\\.udp +" + version + " +\\S+"))
                .anyMatch(line -> line.matches(" *nats +dev\\.socketforwarder\\.transport\\.nats.*lib/plugins.*"))
                .anyMatch(line -> line.matches(" *token +dev\\.socketforwarder\\.runtime +" + version + " +\\S+"))
                .anyMatch(line -> line.matches(" *prefix +dev\\.socketforwarder\\.runtime +" + version + " +\\S+"))
                .anyMatch(line ->
                        line.matches(" *address +dev\\.socketforwarder\\.transport\\.tcp +" + version + " +\\S+"));
    }

    @Test
    void pluginsOfTheImageAreUsedOnlyWhereTheConfigurationNamesThem() {
        var with = Launch.with("check", "--set", "transports.nats.servers=nats://127.0.0.1:1", "1")
                .run();
        assertThat(with.outText()).as(with.errText()).containsPattern("It runs:\\n(.*\\n)* *nats  ");

        var without = Launch.with("check", "1").run();
        assertThat(without.outText() + without.errText()).doesNotContain("nats");
    }

    @Test
    void configOutputIsAConfigurationWithTheSameMeaning() {
        var first = Launch.with("config", "7001", "7002")
                .env("SOCKETFORWARDER_NEW_CLIENT_PREFIX", "a \"quoted\" # prefix: ")
                .env("SOCKETFORWARDER_TCP_PRECONFIG_ADDRESSES", "g h:127.0.0.1:*,i:[::1]:5")
                .run();
        assertThat(first.exitCode()).as(first.errText()).isZero();
        var second = Launch.with("config").yaml(first.outText() + "\n").run();
        assertThat(second.exitCode())
                .as(second.errText() + "\n" + first.outText())
                .isZero();
        assertThat(second.out().stream().map(CommandTest::withoutOrigin).toList())
                .isEqualTo(first.out().stream().map(CommandTest::withoutOrigin).toList());
    }

    private static String withoutOrigin(String line) {
        return line.replaceFirst(" +# [^\"]*$", "");
    }

    @Test
    void healthAsksTheKernelAndDisturbsNobody() {
        int tcp = FreePorts.tcp("127.0.0.1");
        int udp = FreePorts.udp("127.0.0.1");
        var ports = new String[] {"health", Integer.toString(tcp), Integer.toString(udp)};
        var yaml = "host-address: 127.0.0.1\ndebug: true\n";
        assertThat(Launch.with(ports).yaml(yaml).run().exitCode()).isEqualTo(1);
        try (var forwarder = Launch.with(ports[1], ports[2]).yaml(yaml).start();
                var member = UdpClient.to(forwarder.udp())) {
            member.register();
            var healthy = Launch.with(ports)
                    .env("socketforwarder.host_address", "127.0.0.1")
                    .run();
            assertThat(healthy.exitCode())
                    .as(healthy.outText() + healthy.errText())
                    .isZero();
            UdpClient sender = UdpClient.to(forwarder.udp());
            sender.send("the first datagram that ever came");
            member.expect("the first datagram that ever came");
            sender.close();
            assertThat(forwarder.err().matching(line -> line.contains("probe"))).isEmpty();
            // One listening endpoint of two is not enough.
            var half = Launch.with("health", ports[1], Integer.toString(FreePorts.udp("127.0.0.1")))
                    .env("socketforwarder.host_address", "127.0.0.1")
                    .run();
            assertThat(half.exitCode()).isEqualTo(1);
            assertThat(half.outText() + half.errText()).contains("udp");
            forwarder.stop();
        }
        var stopped = Launch.with(ports).yaml(yaml).run();
        assertThat(stopped.exitCode()).isEqualTo(1);
        assertThat(stopped.outText() + stopped.errText()).doesNotContain("Exception", "\tat ");
        assertThat(Launch.with("health").run().exitCode()).isEqualTo(1);
    }

    @Test
    void aPortThatAnotherProgramHoldsIsNotHealthy() throws IOException {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var health = Launch.with("health", Integer.toString(other.getLocalPort()))
                    .env("socketforwarder.host_address", "127.0.0.1")
                    .run();
            assertThat(health.exitCode()).isEqualTo(1);
            // Beside another user's forwarder nothing can tell.
            assertThat(health.outText()).endsWith("port " + other.getLocalPort() + ": another program is");
        }
    }

    @Test
    void theImagesOwnFileHoldsWhereNothingIsSaid() {
        var check = Launch.with("check").run();
        assertThat(check.exitCode()).as(check.errText()).isZero();
        assertThat(check.out())
                .containsExactly(
                        "The configuration is right. It runs:",
                        "  tcp  TCP 127.0.0.1:6753",
                        "  udp  UDP 127.0.0.1:6753");
        assertThat(check.err())
                .singleElement()
                .asString()
                .contains(Launch.HOME.resolve("conf/socketforwarder.yaml").toString());
        var config = Launch.with("config").run();
        assertThat(config.out().stream().filter(line -> line.matches(" +port: 6753 .*")))
                .hasSize(2);
        assertThat(config.out().stream().filter(line -> line.matches(" +host-address: 127\\.0\\.0\\.1 .*")))
                .hasSize(2);
    }

    @Test
    void demoShowsMembersThatTalkAndEnds() {
        var demo = Launch.with("demo").run();
        assertThat(demo.exitCode()).as(demo.errText()).isZero();
        assertThat(demo.out().size()).isGreaterThan(10);
        assertThat(demo.outText()).contains("TCP", "UDP");
        assertThat(demo.errText()).doesNotContain("Exception", "\tat ", "WARN", "ERROR");
    }

    @Test
    void commandsThatLookReadTheirInputButWriteNothingToTheWrongPlace() {
        for (var command : List.of("check", "config")) {
            var result = Launch.with(command, "0", "0").run();
            assertThat(result.exitCode()).isZero();
            assertThat(result.err()).as(command).isEmpty();
            assertThat(result.out()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "udp"})
    void portInUseIsOneLineAndExitCodeOne(String transport) {
        try (var first = Launch.onFreePorts().start()) {
            var port = first.address(transport).getPort();
            var second = Launch.with("--set", "transports." + transport + ".port=" + port)
                    .env("socketforwarder.host_address", "127.0.0.1")
                    .run();
            assertThat(second.exitCode()).as(second.errText()).isEqualTo(1);
            failedInOneLine(second, "127.0.0.1", Integer.toString(port), "in use");
        }
    }

    @Test
    void noneRunsIfOneCannotStart() {
        try (var first = Launch.onFreePorts().start()) {
            int free = FreePorts.tcp("127.0.0.1");
            var second = Launch.with(
                            Integer.toString(free), Integer.toString(first.udp().getPort()))
                    .env("socketforwarder.host_address", "127.0.0.1")
                    .run();
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.errText()).doesNotContain("listening on");
        }
    }

    @Test
    void addressThatThisMachineDoesNotHaveIsOneLineAndExitCodeOne() {
        var result = Launch.with("0")
                .env("socketforwarder.host_address", "203.0.113.7")
                .run();
        assertThat(result.exitCode()).as(result.errText()).isEqualTo(1);
        failedInOneLine(result, "203.0.113.7");
    }

    @Test
    void unresolvableHostIsOneLineAndExitCodeOne() {
        for (var arguments : List.of(List.of("0"), List.of("--set", "transports.udp.port=0"))) {
            var result = Launch.with(arguments.toArray(String[]::new))
                    .env("socketforwarder.host_address", "no-such-host.invalid")
                    .run();
            assertThat(result.exitCode()).as(result.errText()).isEqualTo(1);
            failedInOneLine(result, "no-such-host.invalid");
        }
    }

    private static void failedInOneLine(Launch.Result result, String... mentions) {
        assertThat(result.err().stream().filter(line -> line.contains("ERROR")))
                .as(result.errText())
                .singleElement()
                .asString()
                .contains(mentions);
        assertThat(result.err().stream().filter(line -> !line.contains(" ERROR ") && !line.contains(" INFO ")))
                .isEmpty();
        assertThat(result.out()).isEmpty();
    }

    @Test
    void forwarderWritesNothingToStandardOutput() {
        try (var forwarder = Launch.onFreePorts().start();
                var one = forwarder.join("quiet")) {
            one.send("x");
            forwarder.stop();
            assertThat(forwarder.out().soFar()).isEmpty();
        }
    }

    @ParameterizedTest
    @Timeout(value = 10, unit = TimeUnit.MINUTES) // for some 30 starts without a cache
    @ValueSource(strings = {"missing", "empty", "cut", "rubbish", "stale"})
    void aCacheThatDoesNotFitCostsNothingButTime(String state) throws Exception {
        var home = folder.resolve("home");
        assertThat(new ProcessBuilder("cp", "-a", Launch.HOME.toString(), home.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        var cache = home.resolve("lib/socketforwarder.aot");
        assertThat(cache).isNotEmptyFile();
        switch (state) {
            case "missing" -> Files.delete(cache);
            case "empty" -> Files.write(cache, new byte[0]);
            case "cut" -> {
                var bytes = Files.readAllBytes(cache);
                Files.write(cache, Arrays.copyOf(bytes, bytes.length / 2));
            }
            case "rubbish" -> Files.write(cache, new Noise(1).slice(0, 1_000_000));
            case "stale" ->
                Files.setLastModifiedTime(
                        home.resolve("lib/runtime/lib/modules"), FileTime.from(Instant.ofEpochSecond(1_000_000_000)));
            default -> throw new IllegalArgumentException(state);
        }
        // The other states differ only in how the JVM finds out.
        boolean thoroughly = state.equals("missing");
        for (var command : thoroughly ? COMMANDS : COMMANDS.subList(0, 3)) {
            var with = WITH_CACHE.computeIfAbsent(
                    command, _ -> Launch.with(command.split(" ")).run());
            var without = Launch.with(command.split(" ")).home(home).run();
            assertThat(without.exitCode())
                    .as(command + "\n" + without.errText())
                    .isEqualTo(with.exitCode());
            assertThat(lasting(without.out())).as(command).isEqualTo(lasting(with.out()));
            assertThat(lasting(without.err())).as(command).isEqualTo(lasting(with.err()));
        }
        try (var forwarder = Launch.onFreePorts().home(home).start();
                var one = forwarder.join("g");
                var other = forwarder.join("g")) {
            one.send("works");
            other.expect("works");
            forwarder.stop();
            assertThat(forwarder.err().soFar()).allMatch(line -> line.matches("20[0-9-]+T.*"));
            assertThat(forwarder.out().soFar()).isEmpty();
        }
    }

    /** {@return the lines without times, ports and the place of the image} */
    private static List<String> lasting(List<String> lines) {
        return lines.stream()
                .map(line -> line.replaceAll("^[0-9T:.-]+Z", "")
                        .replaceAll("127\\.0\\.0\\.1:[0-9]+", "")
                        .replaceAll("/\\S+(?=/lib/plugins/)", ""))
                .toList();
    }
}
