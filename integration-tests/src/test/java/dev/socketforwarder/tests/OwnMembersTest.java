package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that what only connections heed is refused for an endpoint whose members are a plugin's own. */
class OwnMembersTest extends WithPluginFolder {
    private static final String REFUSED =
            ":7: transports.own.%s is \"%s\", but must be set for an endpoint with connections,"
                    + " for a group, or at the top level";

    private Path file;

    @BeforeEach
    void makePlugin() {
        file = work.resolve("own.yaml");
        makePlugin("TCP");
    }

    private void makePlugin(String protocol) {
        PluginJars.in(work)
                .source(PluginSources.module("example.own", "example.own.Own"))
                .source("""
                        package example.own;

                        import dev.socketforwarder.api.*;
                        import java.net.SocketAddress;
                        import java.time.Duration;
                        import java.util.List;

                        public class Own implements Transport {
                            public String type() { return "own"; }

                            public Protocol protocol() { return Protocol.%s; }

                            public Endpoint open(TransportContext context) {
                                context.handshake(List.of("prefix"));
                                context.loop();
                                return new Endpoint() {
                                    public void start() {}

                                    public List<SocketAddress> localAddresses() { return List.of(); }

                                    public void quiesce(Duration limit) {}

                                    public Unsent stop(Duration limit) { return Unsent.NONE; }
                                };
                            }
                        }
                        """.formatted(protocol))
                .to(jar("own.jar"));
    }

    /** Write the configuration, whose seventh line is a setting of the endpoint. */
    private void configure(String line) throws IOException {
        Files.writeString(file, """
                host-address: 127.0.0.1
                join-reply: welcome
                groups: { slow: { member-rate: 1KiB } }
                transports:
                  tcp: { port: 0 }
                  own:
                    %s
                """.formatted(line));
    }

    private Launch own(String... arguments) {
        var launch = launch(arguments);
        return launch.arg("--config").arg(file.toString());
    }

    @ParameterizedTest
    @CsvSource({"member-rate, 1KiB", "group-rate, 1KiB", "join-reply, hi"})
    void whatOnlyConnectionsHeedIsRefusedByCheckAndStart(String key, String value) throws IOException {
        configure(key + ": " + value);

        for (var launch : List.of(own("check"), own())) {
            var result = launch.run();
            assertThat(result.exitCode()).as(result.errText()).isEqualTo(2);
            assertThat(result.err()).last().asString().endsWith(file + REFUSED.formatted(key, value));
        }
    }

    @Test
    void aReloadRefusesItAndChangesNothing() throws IOException {
        configure("first-message: line");
        try (var forwarder = own().start()) {
            configure("join-reply: hi");
            forwarder.signal("HUP");
            forwarder.awaitLine("the configuration stays as it was: " + file + REFUSED.formatted("join-reply", "hi"));

            configure("first-message: auto");
            forwarder.signal("HUP");
            forwarder.awaitLine("changed: transports.own.first-message: line -> auto");
            try (var client = TcpClient.connect(forwarder.tcp()).join("g").expect("welcome\n")) {
                client.send("nobody hears this");
            }
            forwarder.stop();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TCP", "UDP", "OTHER"})
    void itsMembersMayBeInNamedGroups(String protocol) throws IOException {
        makePlugin(protocol);
        Files.writeString(file, "groups: { chat: { high-water: 2MiB } }\ntransports: { own: {} }\n");

        var result = own("check", "--strict").run();

        assertThat(result.exitCode()).as(result.errText()).isZero();
    }

    @Test
    void whatOthersHeedMayStandAboveAndConfigPrintsItBack() throws IOException {
        configure("first-message: line");
        assertThat(own("check", "--strict").run().exitCode()).isZero();

        var printed = own("config").run().outText();
        Files.writeString(file, printed);

        assertThat(own("check", "--strict").run().exitCode()).isZero();
        assertThat(own("config").run().outText().replaceAll(" +#.*", "")).isEqualTo(printed.replaceAll(" +#.*", ""));
    }
}
