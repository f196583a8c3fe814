package dev.socketforwarder.runtime.commands;

import static java.net.StandardProtocolFamily.UNIX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.LogOutput;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.testing.FakeTransport;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.IdleEndpoint;
import dev.socketforwarder.runtime.testing.PluginJar;
import dev.socketforwarder.runtime.testing.UnixTransport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import sun.misc.Signal;

@Timeout(30)
class CliTest {
    @TempDir
    private Path folder;

    private final FakeTransport tcp = new FakeTransport("tcp");
    private final FakeTransport udp = new FakeTransport("udp");
    private final Map<String, String> environment = new HashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    CliTest() {
        udp.protocol = Protocol.UDP;
    }

    @AfterEach
    void logAsBefore() {
        Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
    }

    private int run(String... args) {
        var plugins = Fakes.plugins(tcp, udp);
        return new Cli(environment, print(out), print(err), () -> plugins).run(args);
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

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("conf.yaml"), text).toString();
    }

    @Test
    void helpNamesEachCommand() {
        assertThat(run("--help")).isZero();
        assertThat(out())
                .startsWith("Usage: socketforwarder ")
                .contains("check", "config", "plugins", "health", "demo", "--set");
        assertThat(run("check", "--help")).isZero();
        assertThat(out()).contains("Usage: socketforwarder check ");
    }

    static List<String> commands() {
        return List.copyOf(CliSpec.root().subcommands().keySet());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpOfACommandShowsExamplesThatCanBeTyped(String command) {
        assertThat(run("help", command)).isZero();
        var help = out();
        out.reset();
        assertThat(run(command, "--help")).isZero();

        assertThat(out())
                .isEqualTo(help)
                .startsWith("Usage: socketforwarder " + command)
                .contains("\nExample");
        canBeTyped(help);
    }

    @Test
    void helpWithoutACommandIsThatOfTheProgram() {
        assertThat(run("help")).isZero();
        var help = out();
        out.reset();
        assertThat(run("-h")).isZero();

        assertThat(out()).isEqualTo(help);
        canBeTyped(help);
    }

    private static void canBeTyped(String help) {
        var examples = help.lines()
                .filter(line -> line.startsWith("  socketforwarder "))
                .map(line -> line.strip().split(" +"))
                .toList();
        assertThat(examples).isNotEmpty();
        for (var example : examples) {
            new CommandLine(CliSpec.root()).parseArgs(Arrays.copyOfRange(example, 1, example.length)); // or throw
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-v", "-V", "version", "check -v"})
    void versionIsOneLine(String line) {
        assertThat(run(line.split(" "))).isZero();
        assertThat(out()).startsWith("socketforwarder").hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "chek|did you mean \"socketforwarder check\"?",
                "Check|did you mean \"socketforwarder check\"?",
                "hlep|did you mean \"socketforwarder help\"?",
                "stat|did you mean \"socketforwarder status\"?",
                "clients|did you mean \"socketforwarder members\"?",
                "validate --config x|did you mean \"socketforwarder check\"?",
                "start|without a command it runs, as in \"socketforwarder 6753 6753\"",
                "help confg|did you mean \"socketforwarder config\"?",
                "forwarder.yaml|did you mean --config forwarder.yaml?",
                "check /etc/forwarder.conf|did you mean --config /etc/forwarder.conf?",
                "127.0.0.1:6753|did you mean --set host-address=127.0.0.1 6753?",
                ":6753|did you mean 6753?",
                "--verison|did you mean --version?",
                "--conf=x|did you mean --config?",
                "-c x|did you mean --config?",
                "check --stict|did you mean --strict?",
                "--strict check|it is an option of check, and comes after the command",
                "--debug|did you mean --set debug=VALUE?",
                "--log-format=json|did you mean --set log-format=VALUE?",
                "--port 6753|did you mean --set transports.tcp.port=VALUE?",
                "-p 6753|did you mean --set transports.tcp.port=VALUE?",
                "-udp 6753|did you mean --set transports.udp.port=VALUE?",
                "-Dsocketforwarder.tcp.port=6753|did you mean --set transports.tcp.port=VALUE?",
                "tcp 6753|without a command it runs, as in \"socketforwarder 6753 6753\"",
                "stop|a forwarder stops by Ctrl-C, kill or systemctl stop",
                "restart|did you mean \"socketforwarder reload\"?",
                "config --explain transports.udp.leese|did you mean lease?",
                "--udp-port=6753|did you mean --set transports.udp.port=VALUE?",
            })
    void theNearestIsSuggested(String line, String suggestion) {
        assertThat(run(line.split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).hasLineCount(1).contains("; " + suggestion + "; \"socketforwarder ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"xyz", "f", "127.0.0.1", "--nonsense", "help nonsense"})
    void nothingIsSuggestedThatResemblesNothing(String line) {
        assertThat(run(line.split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).hasLineCount(1).doesNotContain("did you mean");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--bogus|socketforwarder: Unknown option: '--bogus'; \"socketforwarder --help\" shows what is allowed",
                "xyz|socketforwarder: \"xyz\" is neither a command nor a port; \"socketforwarder --help\" lists the commands",
                "check help|socketforwarder: \"help\" is not a port; \"socketforwarder check --help\" shows what is allowed",
                "1 2 3|socketforwarder: \"3\" is one argument too many; \"socketforwarder --help\" shows what is allowed",
                "plugins 1|socketforwarder: \"1\" is one argument too many; \"socketforwarder plugins --help\" shows",
                "--config|socketforwarder: Missing required parameter for option '--config' (FILE); \"socketforwarder --help\"",
                "--config no-such.yaml 1|socketforwarder: no-such.yaml cannot be read: it does not exist; give the path of a file to --config",
                "--config a --config b|socketforwarder: option '--config' (FILE) should be specified only once",
                "--config a check --config b|socketforwarder: --config was given twice; leave out one of the two",
                "--set port|socketforwarder: --set is not KEY=VALUE, as in --set transports.tcp.port=6753",
                "--set colour=red 1|socketforwarder: --set: colour is unknown",
                "70000|socketforwarder: argument TCP_PORT: transports.tcp.port is \"70000\", but must be a whole number from 0",
                "1 70000|socketforwarder: argument UDP_PORT: transports.udp.port is \"70000\", but must be a whole number from",
                "|socketforwarder: nothing to run: set transports.tcp.port or transports.udp.port in a file (--config FILE), on"
                        + " the command line (--set transports.tcp.port=6753), or in the environment (SOCKETFORWARDER_TCP_PORT=6753)",
                "check|socketforwarder: nothing to run: set ",
            })
    void wrongUsageExitsWithTwoAndOneLine(String line, String message) {
        assertThat(run(line == null ? new String[0] : line.split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).startsWith(message).hasLineCount(1);
        assertThat(out()).isEmpty();
        assertThat(tcp.events).isEmpty();
    }

    @Test
    void anArgumentCannotForgeALine() {
        assertThat(run("--x\ny\u001b")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).hasLineCount(1).contains("--x\\ny\\x1b");
    }

    @Test
    void aWrongFileExitsWithTwoAndItsLine() throws IOException {
        var file = file("transports:\n  tcp:\n    port: abc\n");
        for (var command : new String[] {"check", "config"}) {
            err.reset();
            assertThat(run(command, "--config", file)).isEqualTo(ExitCode.USAGE);
            assertThat(err())
                    .isEqualTo("socketforwarder: " + file
                            + ":3: transports.tcp.port is \"abc\", but must be a whole number" + " from 0 to 65535\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"check --config FILE", "--config FILE check", "--config=FILE check --set debug=true"})
    void checkTellsWhatWouldRun(String line) throws IOException {
        var file = file("transports: {tcp: {port: 0}, feed: {type: udp, port: 0}}");

        assertThat(run(line.replace("FILE", file).split(" "))).isZero();

        assertThat(out())
                .isEqualTo(
                        "The configuration is right. It runs:\n  tcp   TCP 0.0.0.0, a free port\n  feed  UDP 0.0.0.0, a free port\n");
        assertThat(tcp.events).isEmpty();
    }

    @Test
    void checkCountsWarningsAndFailsOnThemIfStrict() {
        assertThat(run("check", "--strict", "0")).isZero();
        assertThat(out()).startsWith("The configuration is right. It runs:\n");
        out.reset();

        assertThat(run("check", "0", "--set", "delimiter=x")).isZero();
        assertThat(out())
                .startsWith("The configuration is right, with 1 warning. It runs:\n  tcp  TCP 0.0.0.0, a free port\n");
        out.reset();

        assertThat(run("check", "--strict", "0", "--set", "delimiter=x")).isEqualTo(ExitCode.USAGE);
        assertThat(out()).isEqualTo("The configuration has 1 warning, which --strict does not accept.\n");
    }

    @Test
    void configTellsWhereEachValueCameFrom() throws IOException {
        var file = file("""
                host-address: [127.0.0.1, "::1"]
                max-read-in-size: 1024
                transports:
                  tcp:
                    preconfig-addresses: ["a:b:1"]
                """);
        environment.put("SOCKETFORWARDER_TCP_PORT", "6753");
        environment.put("socketforwarder.tcp.new_client_prefix", "J #:");
        environment.put("SOCKETFORWARDER_OTHER", "x");

        assertThat(run("config", "--config", file, "--set", "debug=true")).isZero();

        assertThat(out().lines().map(line -> line.replaceAll(" +#", " #")))
                .contains(
                        "debug: true # --set",
                        "grace-period: 10s # default",
                        "host-address: [127.0.0.1, \"::1\"] # " + file + ":1",
                        "transports:",
                        "  tcp:",
                        "    type: tcp # default",
                        "    host-address: [127.0.0.1, \"::1\"] # host-address, " + file + ":1",
                        "    port: 6753 # environment variable SOCKETFORWARDER_TCP_PORT",
                        "    max-read-in-size: 1KiB # max-read-in-size, " + file + ":2",
                        "    new-client-prefix: \"J #:\" # environment variable socketforwarder.tcp.new_client_prefix",
                        "    preconfig-addresses: \"a:b:1\" # " + file + ":5",
                        "# environment variable SOCKETFORWARDER_OTHER is unknown and ignored; \"socketforwarder config\" prints"
                                + " all known keys");
    }

    @Test
    void aPluginThatNothingAsksForIsMentionedAndNotLoaded() throws IOException {
        var plugins = folder.resolve("plugins");
        var made = "plugged.made";
        var onCreation = "System.setProperty(\"" + made + "\", \"\");";
        PluginJar.in(folder).onCreation(onCreation).names("unix, unix-policy").to(plugins.resolve("told.jar"));
        PluginJar.in(folder).onCreation(onCreation).to(plugins.resolve("untold.jar"));

        assertThat(run("config", "--set", "plugins.path=" + plugins, "1")).isZero();

        assertThat(out())
                .contains(
                        "# plugin \"told\" (" + plugins.resolve("told.jar") + ") does not run: the configuration names"
                                + " neither an endpoint, a type nor a policy unix or unix-policy\n")
                .contains("# plugin \"untold\" (" + plugins.resolve("untold.jar")
                        + ") does not run: the configuration needs"
                        + " only what the image has; \"socketforwarder plugins\" lists what it provides\n");
        assertThat(System.getProperty(made)).isNull();
    }

    @Test
    void aPluginThatIsAskedForIsNotMentioned() throws IOException {
        var plugins = folder.resolve("plugins");
        PluginJar.in(folder).names("unix").to(plugins.resolve("told.jar"));

        assertThat(run("config", "--set", "plugins.path=" + plugins, "--set", "transports.unix.idle-timeout=1h", "1"))
                .isZero();

        assertThat(out())
                .contains("# --set: unix does not run: transports.unix.path is not set\n")
                .doesNotContain("# plugin");
    }

    @Test
    void whatConfigPrintsIsAConfiguration() throws IOException {
        environment.put("SOCKETFORWARDER_NEW_CLIENT_PREFIX", "a\"b\\c: d ");
        assertThat(run("config", "--set", "host-address=0.0.0.0,::1", "1", "2")).isZero();
        var first = out().replaceAll(" +#.*", "");
        environment.clear();
        out.reset();

        assertThat(run("config", "--config", file(first))).isZero();

        assertThat(out().replaceAll(" +#.*", "")).isEqualTo(first);
    }

    @Test
    void pluginsAreListed() {
        assertThat(run("plugins")).isZero();
        assertThat(out()).contains("transports:\n  tcp  (class path)", "handshake policies:\n  prefix  (class path)");
    }

    @ParameterizedTest
    @CsvSource({
        "--member, --member chooses the template of a new plugin; add --new NAME",
        "--member --verify x.jar, --member chooses the template of a new plugin; add --new NAME",
        "--new pipes --verify x.jar, --new writes a plugin and --verify loads one; leave out one of the two"
    })
    void optionsOfPluginsThatDoNotGoTogetherAreRefused(String options, String message) {
        assertThat(run(("plugins " + options).split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(err()).isEqualTo("socketforwarder: " + message + "\n");
    }

    @Test
    void aPluginThatIsVerifiedIsMadeOnce() throws IOException {
        var count = "plugged.count";
        System.clearProperty(count);
        var jar = folder.resolve("once.jar");
        PluginJar.in(folder)
                .onCreation(
                        "System.setProperty(\"" + count + "\", System.getProperty(\"" + count + "\", \"\") + \"x\");")
                .to(jar);

        assertThat(run("plugins", "--verify", jar.toString())).as(err()).isZero();

        assertThat(out()).contains("is valid. It provides:\ntransports:\n  unix  ");
        assertThat(System.clearProperty(count)).isEqualTo("x");
    }

    @Test
    void healthAsksTheKernel() throws IOException {
        int port;
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
            assertThat(run("health", "--set", "host-address=127.0.0.1", "" + port))
                    .isZero();
            assertThat(out()).isEqualTo("healthy\n");
            out.reset();
            assertThat(run("health", "--set", "host-address=127.0.0.1", "" + port, "" + port))
                    .isEqualTo(ExitCode.FAILED);
            assertThat(out()).isEqualTo("unhealthy: udp is not listening on 127.0.0.1, port " + port + "\n");
        }
        assertThat(run("health", "--set", "host-address=127.0.0.1", "" + port)).isEqualTo(ExitCode.FAILED);
    }

    private int unixHealth(String path) {
        var plugins = Fakes.plugins(new UnixTransport());
        out.reset();
        return new Cli(Map.of(), print(out), print(err), () -> plugins)
                .run("health", "--set", "transports.unix.path=" + path);
    }

    @Test
    void healthAsksForThePathOfAnEndpointWithoutPort() throws IOException {
        var path = folder.resolve("s");
        try (var server = ServerSocketChannel.open(UNIX).bind(UnixDomainSocketAddress.of(path))) {
            assertThat(server.isOpen()).isTrue();
            assertThat(unixHealth(path.toString())).isZero();
            assertThat(out()).isEqualTo("healthy\n");
        }
        assertThat(path).as("a file alone does not listen").exists();
        assertThat(unixHealth(path.toString())).isEqualTo(ExitCode.FAILED);
        assertThat(out()).isEqualTo("unhealthy: unix is not listening at " + path + "\n");
    }

    @Test
    void healthAsksForThePortOfAnyProtocol() throws IOException {
        tcp.protocol = Protocol.OTHER;
        int port;
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = server.getLocalPort();
            assertThat(run("health", "--set", "host-address=127.0.0.1", "" + port))
                    .isZero();
        }
        assertThat(run("health", "--set", "host-address=127.0.0.1", "" + port)).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void healthSaysWhatItCannotKnow() {
        var somewhere = new Transport() {
            @Override
            public String type() {
                return "somewhere";
            }

            @Override
            public Protocol protocol() {
                return Protocol.OTHER;
            }

            @Override
            public Endpoint open(TransportContext context) {
                context.settings().requiredText("queue");
                return new IdleEndpoint();
            }
        };
        var plugins = Fakes.plugins(somewhere);

        int code = new Cli(Map.of(), print(out), print(err), () -> plugins)
                .run("health", "--set", "transports.somewhere.queue=q");

        assertThat(code).isZero();
        assertThat(out())
                .isEqualTo("healthy, as far as can be known: somewhere has no setting path or port, so its address is"
                        + " unknown\n");
    }

    @Test
    void healthDoesNotTripOverATextualPort() {
        var odd = new Transport() {
            @Override
            public String type() {
                return "odd";
            }

            @Override
            public Endpoint open(TransportContext context) {
                context.settings().text("port", "");
                return new UnixTransport().open(context);
            }
        };

        for (var port : List.of("ttyS0", "99999999999", "-1")) {
            out.reset();
            int code = new Cli(Map.of(), print(out), print(err), () -> Fakes.plugins(odd))
                    .run("health", "--set", "transports.odd.path=p", "--set", "transports.odd.port=" + port);
            assertThat(code).isZero();
            assertThat(out())
                    .isEqualTo("healthy, as far as can be known: the port \"" + port + "\" of odd is not a port number,"
                            + " so its address is unknown\n");
        }
    }

    private int runFrom(String... args) {
        var plugins = Fakes.plugins(tcp, udp);
        out.reset();
        return new Cli(environment, folder.toString(), print(out), print(err), () -> plugins).run(args);
    }

    @Test
    void theFileOfTheImageHoldsWhereNothingElseIsSaid() throws Exception {
        Files.createDirectory(folder.resolve("conf"));
        var file = Files.writeString(
                folder.resolve("conf/socketforwarder.yaml"),
                "host-address: 127.0.0.1\ntransports: {tcp: {port: 7}, udp: {port: 8}}\n");

        assertThat(runFrom("check")).isZero();
        assertThat(out()).endsWith("It runs:\n  tcp  TCP 127.0.0.1:7\n  udp  UDP 127.0.0.1:8\n");
        assertThat(runFrom("config")).isZero();
        assertThat(out())
                .contains("    port: 7 ", "    port: 8 ")
                .contains("# neither the command line nor the environment says what to run: the configuration is "
                        + file + "\n");
        assertThat(runFrom("health")).isEqualTo(ExitCode.FAILED);
        assertThat(out()).contains("tcp is not listening on 127.0.0.1, port 7");

        var own = file("transports: {udp: {port: 5}}");
        assertThat(runFrom("config", "--config", own)).isZero();
        assertThat(out()).doesNotContain(" 127.0.0.1", "neither");
        for (var args : List.of(List.of("config", "5"), List.of("config", "--set", "transports.tcp.port=5"))) {
            assertThat(runFrom(args.toArray(String[]::new))).isZero();
            assertThat(out()).contains("    port: 5 ").doesNotContain(" 127.0.0.1", "neither");
        }
        environment.put("SOCKETFORWARDER_PORT", "tcp://10.0.0.1:6753"); // as Kubernetes sets it
        environment.put("SOCKETFORWARDER_SERVICE_HOST", "10.0.0.1");
        environment.put("SOCKETFORWARDER_DEBUG", "");
        assertThat(runFrom("check")).isZero();
        environment.put("SOCKETFORWARDER_DEBUG", "true");
        assertThat(runFrom("check")).isEqualTo(ExitCode.USAGE);
        assertThat(err()).contains("nothing to run");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "health|unhealthy: nothing to run: set ",
                "health x=y|unhealthy: ",
                "health 70000|unhealthy: argument TCP_PORT: ",
                "health 0|unhealthy: tcp has port 0, so its real port is unknown",
                "health --set host-address=no.such.invalid 1|unhealthy: tcp is not listening on no.such.invalid, port 1: ",
            })
    void whatIsNotHealthyExitsWithOne(String line, String message) {
        int code = run(line.split(" "));

        assertThat(out() + err()).hasLineCount(1);
        assertThat(code).isEqualTo(line.contains("=y") ? ExitCode.USAGE : ExitCode.FAILED);
        assertThat(out()).startsWith(line.contains("=y") ? "" : message);
    }

    @Test
    void runStopsInOrderOnASignal() throws Exception {
        var code = CompletableFuture.supplyAsync(() -> run("6753", "33345"));
        assertThat(tcp.started.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(udp.started.await(10, TimeUnit.SECONDS)).isTrue();

        Signal.raise(new Signal("TERM"));

        assertThat(code.get(10, TimeUnit.SECONDS)).isZero();
        assertThat(tcp.events).containsExactly("start tcp", "quiesce tcp", "stop tcp");
        assertThat(udp.events).containsExactly("start udp", "quiesce udp", "stop udp");
        assertThat(udp.contexts.getLast().settings().number("port", 0, 0, 65_535))
                .isEqualTo(33_345);
    }

    @Test
    void aPortInUseExitsWithOne() {
        udp.onStart = () -> {
            throw new BindException("in use");
        };

        assertThat(run("1", "2")).isEqualTo(ExitCode.FAILED);
        assertThat(tcp.events).containsExactly("start tcp", "stop tcp at once");
    }

    @Test
    void aBrokenTransportExitsWithOneAndIsNamed() {
        tcp.onOpen = () -> {
            throw new IllegalStateException("broken");
        };

        assertThat(run("1")).isEqualTo(ExitCode.FAILED);
        assertThat(err())
                .isEqualTo("socketforwarder: transport \"tcp\" of module (class path) cannot open endpoint tcp:"
                        + " java.lang.IllegalStateException: broken\n");
    }
}
