package dev.socketforwarder.runtime.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.control.ControlPath;
import dev.socketforwarder.runtime.control.ControlServer;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.monitor.History;
import dev.socketforwarder.runtime.monitor.Monitor;
import dev.socketforwarder.runtime.monitor.Sampler;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.testing.FakeTransport;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.TestBridge;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import dev.socketforwarder.runtime.testing.TestPeerMember;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class WatchCommandsTest {
    @TempDir
    private Path folder;

    private final GroupRegistry groups = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
    private final TestOwner owner = new TestOwner();
    private final History history = new History(InstantSource.system());
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private ControlServer server;

    @BeforeEach
    void start() {
        var subject = Fakes.subject(groups);
        var sampler = new Sampler(subject, InstantSource.system(), System::nanoTime);
        var monitor = new Monitor(subject, sampler, history, InstantSource.system());
        server = ControlServer.start(new ControlPath(socket(), "", Map.of()), monitor, false)
                .orElseThrow();
    }

    @AfterEach
    void close() {
        server.close();
        groups.close();
    }

    private String socket() {
        return folder.resolve("c.sock").toString();
    }

    private int run(String... args) {
        out.reset();
        err.reset();
        var plugins = Fakes.plugins(new FakeTransport("tcp"), new FakeTransport("udp"));
        return new Cli(Map.of("SOCKETFORWARDER_CONTROL_SOCKET", socket()), print(out), print(err), () -> plugins)
                .run(args);
    }

    private static PrintStream print(ByteArrayOutputStream to) {
        return new PrintStream(to, true, StandardCharsets.UTF_8);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"explain", "tap", "kick"})
    void aMissingArgumentIsWrongUsage(String command) {
        assertThat(run(command)).isEqualTo(ExitCode.USAGE);
        assertThat(err()).startsWith("socketforwarder: ").doesNotContain("about");
        assertThat(run(command, "")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains(command + " needs the ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"members", "explain"})
    void anUnknownNameIsOneLineAndAFailure(String command) {
        for (var options : new String[][] {{command, "nosuch"}, {command, "nosuch", "--json"}}) {
            assertThat(run(options)).isEqualTo(ExitCode.FAILED);
            assertThat(out()).isEmpty();
            assertThat(err().lines()).singleElement().asString().contains("\"nosuch\"");
        }
    }

    @Test
    void bridgesAndMembersElsewhereAreShown() {
        var bridge = new TestBridge(new TestOwner()) {
            @Override
            public Map<String, Integer> elsewhere(GroupId group) {
                return Map.of("north\u001b", 1);
            }
        }.watch(groups);
        new TestMember("a", owner).join(groups, "g");
        bridge.owner.turn();

        assertThat(run("members", "g")).isEqualTo(ExitCode.OK);
        assertThat(out().lines().filter(line -> line.endsWith(" bridge"))).hasSize(1);
        assertThat(out()).endsWith("elsewhere: north\\x1b 1 member\n");
        assertThat(run("groups")).isEqualTo(ExitCode.OK);
        assertThat(out()).endsWith("elsewhere north\\x1b 1 member\n");
        assertThat(run("status")).isEqualTo(ExitCode.OK);
        assertThat(out()).contains("bridges 1");
    }

    @Test
    void nothingIsSaidInWordsAndNotByAnEmptyTable() {
        assertThat(run("members")).isEqualTo(ExitCode.OK);
        assertThat(out()).isEqualTo("there are no members\n");
        assertThat(run("groups")).isEqualTo(ExitCode.OK);
        assertThat(out()).isEqualTo("no group has members\n");
    }

    @Test
    void membersAndGroupsHaveTheSameColumnsForTheirTraffic() {
        new TestPeerMember("192.0.2.7", owner).join(groups, "g");

        run("members", "g");
        assertThat(out())
                .containsPattern(
                        "MEMBER +ADDRESS +ENDPOINT +GROUP +JOINED +SENT +GOT +IN +OUT +QUEUED +KERNEL +SLOW +STATE\n"
                                + "1 +192.0.2.7:1 +- +\"g\" +[0-9]+m?s ago +0 B +0 B +0 B/s +0 B/s +0 B +- +-\n");
        run("groups");
        assertThat(out())
                .containsPattern("GROUP +FRAMING +MEMBERS +SENT +GOT +IN +OUT +HELD +STATE\n"
                        + "\"g\" +raw +1 +0 B +0 B +0 B/s +0 B/s +0 B\n");
    }

    @Test
    void aRefusalIsListedWithItsPortAndAge() {
        history.refused("tcp", Reason.WRONG_PREFIX, "192.0.2.7", 40_000, "expected x", ByteBuffer.allocate(0));

        assertThat(run("status")).isEqualTo(ExitCode.OK);
        assertThat(out())
                .containsPattern("LAST +TIMES +ENDPOINT +SOURCE +PORT +REASON +DETAIL\n"
                        + "[0-9]+m?s ago +1 +tcp +192.0.2.7 +40000 +wrong-prefix +expected x\n");
    }
}
