package dev.socketforwarder.runtime.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.admin.AdminSettings;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.plugins.PluginOptions;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.policies.CertificateHandshake;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.policies.TokenPolicy;
import dev.socketforwarder.runtime.server.ServerOptions;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.IdleEndpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that look as if they protected, and do not: told where they stand, or refused. */
class CautionsTest {
    private static final String SECRET = "0123456789abcdef";

    @TempDir
    private Path folder;

    /** Reads what one of the image does, and runs nowhere. Those of the types {@code own} and {@code other} have members of their own. */
    private record Reader(String type, Protocol protocol) implements Transport {
        @Override
        public Endpoint open(TransportContext context) {
            var settings = context.settings();
            settings.list("host-address", List.of("0.0.0.0"));
            settings.sections("connect").forEach(server -> {
                server.text("group", "");
                server.text("to", "");
            });
            if (protocol == Protocol.TCP && !type.equals("own")) {
                context.streams(List.of("prefix"));
            } else {
                settings.text("group", "");
                settings.number("max-registrations", 4_096, 1, 1 << 20);
                settings.number("max-registrations-per-address", 0, 0, 1 << 20);
                context.handshake(List.of("prefix"));
            }
            settings.required("port", 0, 65_535);
            return new IdleEndpoint();
        }
    }

    /** Reads what the policy of the image does, and admits nobody. */
    private static final class ByAddress implements HandshakePolicy {
        @Override
        public String name() {
            return "address";
        }

        @Override
        public Handshake create(Settings settings) {
            settings.list("preconfig-addresses", List.of());
            return (_, _, _) -> new Handshake.Declined(Reason.NOT_ADMITTED);
        }
    }

    private static Configuration open(Configuration configuration) {
        endpoints(configuration);
        return configuration;
    }

    private static Endpoints endpoints(Configuration configuration) {
        var plugins = Plugins.of(
                List.of(
                        new Reader("tcp", Transport.Protocol.TCP),
                        new Reader("udp", Transport.Protocol.UDP),
                        new Reader("own", Transport.Protocol.TCP),
                        new Reader("other", Transport.Protocol.OTHER)),
                List.of(new PrefixHandshake(), new TokenPolicy(), new CertificateHandshake(), new ByAddress()));
        ServerOptions.read(configuration);
        AdminSettings.read(configuration.topLevel().section(Keys.ADMIN));
        PluginOptions.read(configuration.topLevel().section(Keys.PLUGINS));
        return Endpoints.open(configuration, Fakes.shared(plugins));
    }

    private static List<String> warnings(String yaml) {
        return open(Fakes.yaml(yaml)).warnings();
    }

    private String secretFile() throws IOException {
        var file = Files.writeString(folder.resolve("secret"), SECRET + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"))
                .toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "transports: {tcp: {port: 1, tls: }}|transports.tcp.tls.certificate is \"\", but must be",
                "transports: {tcp: {port: 1, tls: {}}}|transports.tcp.tls.certificate is \"\", but must be",
                "transports: {tcp: {port: 1, tls: null}}|transports.tcp.tls.certificate is \"\", but must be",
                "token-secret-file: FILE\\ntransports: {tcp: {port: 1}}|conf.yaml:1: token-secret-file is \"FILE\", but must be",
                "token-signing-secret-file: FILE\\ntransports: {udp: {port: 1}}|conf.yaml:1: token-signing-secret-file is",
                "transports: {tcp: {port: 1, token-secret-file: FILE}}|transports.tcp.token-secret-file is \"FILE\", but must",
                "token-secret-file: FILE\\ntransports: {tcp: {port: 1, handshake: [prefix, token]}}|conf.yaml:2:"
                        + " transports.tcp.handshake is \"token\", but must be left out, or alone",
                "token-secret-file: FILE\\ntransports: {udp: {port: 1, handshake: [token, prefix]}}|conf.yaml:2:"
                        + " transports.udp.handshake is \"prefix\", but must be left out, or alone",
                "transports: {tcp: {port: 1, handshake: [prefix, prefix]}}|handshake is \"prefix\", but must be listed only once",
                "transports: {tcp: {port: 1, certificate-groups: ['a:CN=b']}}|transports.tcp.certificate-groups is \"a:CN=b\","
                        + " but must be unset, unless",
                "groups: {a: {match: []}}\\ntransports: {tcp: {port: 1}}|conf.yaml:1: groups.a.match is \"\", but must be at least one",
                "max-queued: 2MiB\\nmax-message-size: 3MiB\\ntransports: {tcp: {port: 1}}|conf.yaml:2: max-message-size is"
                        + " \"3MiB\", but must be no more than max-queued, which is 2MiB",
                "transports: {tcp: {port: 1}, b: {type: tcp, port: 1}}|transports.b.port is \"1\", but must be another port or at"
                        + " another address: tcp listens on TCP 0.0.0.0:1",
                "transports: {tcp: {port: 1}, b: {type: tcp, host-address: 127.0.0.1, port: 1}}|transports.b.port is \"1\"",
                "transports: {udp: {port: 1, host-address: '::'}, b: {type: udp, host-address: [10.0.0.1, '::1'], port: 1}}|udp listens"
                        + " on UDP [::]:1",
                "transports: {udp: {port: 1, host-address: a.example}, b: {type: udp, host-address: A.example, port: 1}}|b.port",
                "transports: {tcp: {port: 1}, own: {port: 2, member-rate: 5}}|transports.own.member-rate is \"5\", but must be set for"
                        + " an endpoint with connections, for a group, or at the top level",
                "transports: {other: {port: 2, join-reply: hi}}|transports.other.join-reply is \"hi\", but must be set for",
                "transports: {other: {port: 2, group-rate: 5}}|transports.other.group-rate is \"5\", but must be set for",
                "transports: {udp: {port: 2, first-message: line}}|transports.udp.first-message is \"line\", but must be set for an"
                        + " endpoint with connections, or at the top level",
                "transports: {other: {port: 2, idle-timeout: 5s}}|transports.other.idle-timeout is unknown",
                "transports: {own: {port: 2, half-close: keep}}|transports.own.half-close is unknown",
                "framing: line\\ntransports: {own: {port: 1, first-message: auto}}|own.first-message is \"auto\", but must be line",
            })
    void whatCannotBeMeantIsAnError(String yaml, String message) throws IOException {
        var file = secretFile();
        var text = yaml.replace("\\n", "\n").replace("FILE", file);

        assertThatThrownBy(() -> warnings(text))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith("conf.yaml:")
                .hasMessageContaining(message.replace("FILE", file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "allow: []\\ntransports: {tcp: {port: 1}}|conf.yaml:1: allow is \"\", an empty list: everybody",
                "plugins: {sha256: []}\\ntransports: {tcp: {port: 1}}|conf.yaml:1: plugins.sha256 is \"\", an empty list: any plugin",
                "transports: {tcp: {port: 1, proxy-protocol: ['10.0.0.1', '::/0']}}|proxy-protocol is \"::/0\", so anybody may",
                "transports: {udp: {port: 1, max-registrations-per-address: 5000}}|per-address is \"5000\", more than",
                "max-queued: 2MiB\\nhigh-water: 3MiB\\ntransports: {tcp: {port: 1}}|conf.yaml:2: high-water is \"3MiB\", more than"
                        + " max-queued, which is 2MiB",
                "max-connections: 5\\ntransports: {tcp: {port: 1, max-first-messages: 6}}|max-first-messages is \"6\", more",
                "max-connections: 5\\ntransports: {tcp: {port: 1, max-connections-per-address: 6}}|per-address is \"6\", more",
                "min-drain: 2MiB\\ntransports: {tcp: {port: 1}}|conf.yaml:1: min-drain is \"2MiB\", more than",
                "groups: {a: {match: 'x*'}, b: {match: [y, xy]}}\\ntransports: {tcp: {port: 1}}|conf.yaml:1: groups.b.match is"
                        + " \"xy\", which an earlier entry matches",
                "groups: {all: {match: '*'}, b: }\\ntransports: {tcp: {port: 1}}|groups.b.match is \"b\", which an earlier entry matches",
                "transports: {tcp: {port: 1, connect: [{group: g, to: '127.0.0.1:1'}]}}|conf.yaml:1: transports.tcp.connect.1.to"
                        + " is \"127.0.0.1:1\", where this forwarder's own endpoint tcp listens",
                "transports: {tcp: {port: 1, connect: [{group: g, to: 'LocalHost:1'}]}}|own endpoint tcp listens",
                "transports: {tcp: {port: 1, connect: [{group: g, to: '0.0.0.0:1'}]}}|own endpoint tcp listens",
                "transports: {tcp: {port: 1, connect: [{group: g, to: '127.9.8.7:1'}]}}|own endpoint tcp listens",
                "transports: {tcp: {port: 1, host-address: a.example, connect: [{group: g, to: 'A.example:1'}]}}|own endpoint",
                "transports: {b: {type: tcp, port: 2}, tcp: {port: 1, connect: [{group: g, to: '127.0.0.1:2'}]}}|own endpoint b",
                "first-message: line\\ntransports: {tcp: {port: 1}, b: {type: tcp, port: 2, framing: line}}|conf.yaml:2:"
                        + " transports.b.framing is \"line\", and that of tcp is raw: groups with one name are separate",
                "first-message: line\\ntransports: {tcp: {port: 1, framing: line}, udp: {port: 2, group: g}}|and that of tcp is line",
                "transports: {tcp: {port: 1}, b: {type: tcp, port: 2, max-group-members: 3}}|conf.yaml:1: transports.b.max-group-members"
                        + " is \"3\", and that of tcp is 100000: a shared group has that of the endpoint whose member comes first",
                "delimiter: x\\ntransports: {tcp: {port: 1}}|delimiter is \"x\", which does nothing unless framing is delimiter",
                "transports: {tcp: {port: 1, framing: raw, byte-order: little}}|byte-order is \"little\", which does nothing unless",
                "groups: {g: {max-message-size: 5}}\\ntransports: {tcp: {port: 1}}|conf.yaml:1: groups.g.max-message-size is \"5\","
                        + " which does nothing unless framing is delimiter or length-prefixed or line",
                "admin: {host: 127.0.0.1}\\ntransports: {tcp: {port: 1}}|admin.host is \"127.0.0.1\", which does nothing unless admin.port",
                "first-message: line\\ntransports: {udp: {port: 1}}|first-message is \"line\", which does nothing, since no endpoint",
                "member-rate: 5\\ntransports: {udp: {port: 1}}|member-rate is \"5\", which does nothing, since no endpoint here has conn",
                "join-reply: hi\\ntransports: {own: {port: 1}, other: {port: 2}}|join-reply is \"hi\", which does nothing, since no",
                "groups: {g: {join-reply: hi}}\\ntransports: {own: {port: 1}}|conf.yaml:1: groups.g.join-reply is \"hi\", which does"
                        + " nothing, since no endpoint here has connections",
                "member-rate: 5\\ntransports: {tcp: {port: 1, member-rate: 6}, own: {port: 2}}|each endpoint has its own:"
                        + " transports.tcp.member-rate",
                "host-address: 0.0.0.0\\ntransports: {tcp: {port: 1, host-address: 127.0.0.1}}|conf.yaml:1: host-address is \"0.0.0.0\","
                        + " which does nothing, since each endpoint has its own: transports.tcp.host-address (conf.yaml:2)",
                "groups: {g: {high-water: 5}}\\ntransports: {udp: {port: 1}}|groups.g applies to no group, since no endpoint",
                "transports: {tcp: {port: 1}, udp: {group: g}}|conf.yaml:1: udp does not run: transports.udp.port is not set",
                "deny: [10.0.0.1]\\ntransports: {tcp: {port: 1}, own: {port: 2}}|conf.yaml:1: deny is \"10.0.0.1\", which does not"
                        + " protect the endpoint own, since its transport does not read the setting",
                "allow: [10.1.0.0/16, 10.2.0.1]\\ndeny: [10.0.0.0/15]\\ntransports: {tcp: {port: 1}}|allow is \"10.1.0.0/16\", which deny",
                "allow: ['fd00::1']\\ndeny: ['fd00::/8']\\ntransports: {tcp: {port: 1}}|allow is \"fd00::1\", which deny refuses all the same,"
                        + " by fd00::/8",
                "transports: {tcp: {port: 1, handshake: [address]}}|conf.yaml:1: transports.tcp.handshake is \"address\", which admits"
                        + " nobody, since preconfig-addresses has no address; set it, or add a policy",
                "transports: {tcp: {port: 1, handshake: address, preconfig-addresses: []}}|handshake is \"address\", which admits nobody",
            })
    void whatMayBeMeantIsAWarning(String yaml, String message) {
        assertThat(warnings(yaml.replace("\\n", "\n")))
                .singleElement()
                .asString()
                .startsWith("conf.yaml:")
                .contains(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "transports: {tcp: {port: 1}, udp: {port: 1}}",
                "token-secret-file: FILE\\ntransports: {tcp: {port: 1, handshake: [token]}, udp: {port: 1}}",
                "first-message: line\\nframing: line\\ntransports: {tcp: {port: 1}, b: {type: tcp, port: 2}}",
                "first-message: line\\ngroups: {a: {match: '*', framing: line}}\\ntransports: {tcp: {port: 1}, b: {type: tcp, port:"
                        + " 2, framing: length-prefixed}}",
                "first-message: line\\ntransports: {tcp: {port: 1, framing: line}, udp: {port: 2}}",
                "first-message: line\\ngroups: {g: {framing: line}}\\ntransports: {tcp: {port: 1}, udp: {port: 2, group: g}}",
                "slow-member: disconnect\\ntransports: {tcp: {port: 1}, b: {type: tcp, port: 2, member-rate: 5, join-reply: hi}}",
                "join-reply: hi\\nmember-rate: 5\\ngroups: {g: {group-rate: 5}}\\ntransports: {tcp: {port: 1}, own: {port: 2}}",
                "transports: {own: {port: 1, member-rate: 0, join-reply: ''}}", // as "config" prints them
                "first-message: line\\ntransports: {own: {port: 1}}", // the policy reads it
                "transports: {udp: {port: 1, first-message: auto}}",
                "first-message: line\\ntransports: {tcp: {port: 1}, udp: {port: 1}}",
                "transports: {tcp: {port: 1, host-address: 127.0.0.1, connect: [{group: g, to: '127.0.0.2:1'}]}}",
                "transports: {tcp: {port: 1, connect: [{group: g, to: '127.0.0.1:2'}, {group: g, to: 'a.example:1'}]}}",
                "transports: {udp: {port: 1}, tcp: {connect: [{group: g, to: '127.0.0.1:1'}], port: 3}}",
                "transports: {tcp: {port: 0}, b: {type: tcp, port: 0}}",
                "transports: {tcp: {port: 1, host-address: 127.0.0.1}, b: {type: tcp, port: 1, host-address: [127.0.0.2, '::1']}}",
                "first-message: line\\ntransports: {tcp: {port: 1, framing: delimiter, delimiter: x}}",
                "max-message-size: 5\\nfirst-message: line\\ngroups: {g: {framing: line}}\\ntransports: {tcp: {port: 1}}",
                "host-address: 0.0.0.0\\ntransports: {tcp: {port: 1, host-address: 127.0.0.1}, udp: {port: 1}}",
                "groups: {g: {high-water: 5}}\\ntransports: {udp: {port: 1, group: g}}",
                "allow: [10.0.0.0/8]\\ndeny: [10.1.0.0/16]\\ntransports: {tcp: {port: 1}}",
                "host-address: 127.0.0.1\\ntransports: {tcp: {port: 1, host-address: 127.0.0.1}}",
                "byte-order: big\\nlength-width: 4\\ntransports: {tcp: {port: 1, max-message-size: 1MiB}}", // as
                // "config"
                // prints
                // them
                "admin: {tap: [g]}\\ntransports: {tcp: {port: 1}}",
                "transports: {tcp: {port: 1, handshake: [address], preconfig-addresses: ['g:127.0.0.1:*']}}",
                "transports: {tcp: {port: 1, handshake: [address, prefix]}}",
            })
    void whatIsRightIsNoMatter(String yaml) throws IOException {
        var text = yaml.replace("\\n", "\n").replace("FILE", secretFile());
        assertThat(warnings(text)).isEmpty();
    }

    @Test
    void filesThatEverybodyMayReadAreTold() throws IOException {
        var secret = Path.of(secretFile());
        var yaml = "transports: {tcp: {port: 1, handshake: [token], token-secret-file: " + secret
                + ", tls: {certificate: c, key: " + secret + "}}}";
        assertThat(warnings(yaml)).isEmpty();

        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(warnings(yaml))
                .hasSize(2)
                .allMatch(line -> line.startsWith("conf.yaml:1: transports.tcp.t") && line.contains("every user"))
                .anyMatch(line -> line.contains("tls.key is \"" + secret))
                .anyMatch(line -> line.contains("token-secret-file is \"" + secret));
    }

    @Test
    void anEmptySecretFileIsNone() throws IOException {
        var empty = Files.createFile(folder.resolve("empty"));
        var secret = secretFile();

        assertThatThrownBy(() -> warnings("transports: {tcp: {port: 1, handshake: [token], token-secret-file: " + empty
                        + ", token-signing-secret-file: " + secret + "}}"))
                .hasMessageContaining("its file is empty");
    }

    @Test
    void clientsThatNobodyAsksForTheirCertificatesAreTold() {
        var tls = "tls: {certificate: c, key: k, client-ca: ca, client-auth: ";

        assertThat(warnings("transports: {tcp: {port: 1, " + tls + "want}}}"))
                .singleElement()
                .asString()
                .contains("tls.client-auth is \"want\", which also admits clients without a certificate");
        assertThat(warnings("transports: {tcp: {port: 1, " + tls + "need}}}")).isEmpty();
        assertThat(warnings("transports: {tcp: {port: 1, handshake: [certificate, prefix], " + tls + "want}}}"))
                .isEmpty();
        assertThat(warnings("transports: {tcp: {port: 1, handshake: [prefix, certificate], " + tls + "want}}}"))
                .singleElement()
                .asString()
                .contains("handshake is \"certificate\", which comes after prefix");
    }

    @Test
    void aCertificateRuleBehindOneThatCoversItIsAnError() {
        var yaml = "transports: {tcp: {port: 1, handshake: [certificate], certificate-groups: [%s], "
                + "tls: {certificate: c, key: k, client-ca: ca, client-auth: need}}}";

        for (var rules : List.of("'a:CN=x', 'b:CN=x'", "'a:CN=x*', 'b:CN=xy'", "'a:DNS=*.x', 'b:DNS=*.y.X'")) {
            assertThatThrownBy(() -> warnings(yaml.formatted(rules))).hasMessageContaining("but must be for other");
        }
        for (var rules :
                List.of("'a:CN=x', 'a:CN=x'", "'a:CN=x', 'b:CN=x*'", "'a:CN=x', 'b:DNS=x'", "'a:CN=x*', 'b:CN=x'")) {
            assertThat(warnings(yaml.formatted(rules))).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "handshake: [prefix], preconfig-addresses: ['g:127.0.0.1:*']|conf.yaml:2: transports.b.preconfig-addresses does nothing:"
                        + " the policy address reads it, and is not in transports.b.handshake; to add it, write handshake:"
                        + " [address, prefix]",
                "handshake: [address], new-client-prefix: x|new-client-prefix does nothing: the policies prefix and token read"
                        + " it, and are not in transports.b.handshake; to add one, write handshake: [address, prefix]",
                "token: x|transports.b.token is unknown; did you mean transports.b.handshake?",
                "preconfig-addresses: ['g:127.0.0.1:*']|to add it, write handshake: [address, prefix]",
                "handshake: [address], preconfig-adresses: x|transports.b.preconfig-adresses is unknown; did you mean"
                        + " transports.b.preconfig-addresses?",
            })
    void aKeyOfAPolicyThatNobodyAsksIsExplained(String keys, String message) {
        assertThatThrownBy(() -> warnings("transports:\n  b: {type: tcp, port: 1, " + keys + "}\n"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aMisspeltKeyIsToldBeforeTheOneThatIsMissing() {
        assertThatThrownBy(() -> warnings("transports: {tcp: {port: 1, tls: {cert: a, key: b}}}"))
                .hasMessageStartingWith(
                        "conf.yaml:1: transports.tcp.tls.cert is unknown; did you mean transports.tcp.tls.certificate?");
        assertThatThrownBy(() ->
                        open(Fakes.merged("transports: {tcp: {port: 1}}", Map.of("SOCKETFORWARDER_TCP_TLS_CERT", "a"))))
                .hasMessage("environment variable SOCKETFORWARDER_TCP_TLS_CERT is unknown; did you mean"
                        + " SOCKETFORWARDER_TCP_TLS_CERTIFICATE?");
        assertThatThrownBy(() ->
                        open(Fakes.merged("transports: {tcp: {port: 1}}", Map.of("SOCKETFORWARDER_TCP_TLS_KEY", "a"))))
                .hasMessageStartingWith("transports.tcp.tls.certificate is \"\", but must be the PEM file");
        assertThatThrownBy(() -> warnings("admin: {port: 2, password: x}\ntransports: {tcp: {port: 1}}"))
                .hasMessageContaining("admin.password is unknown; did you mean admin.token-file?");
        assertThatThrownBy(() -> warnings("transports: {tcp: {port: 1, tls: {certificate: a}}}"))
                .hasMessageContaining("transports.tcp.tls.key is \"\", but must be the PEM file");
    }

    @Test
    void aVariableOfAPolicyThatNobodyAsksIsExplained() {
        var environment = Map.of(
                "SOCKETFORWARDER_TCP_PORT", "1",
                "SOCKETFORWARDER_TCP_HANDSHAKE", "prefix",
                "socketforwarder.tcp.preconfig_addresses", "g:127.0.0.1:*");

        assertThat(endpoints(Fakes.merged("", environment)).warnings())
                .containsExactly(
                        "environment variable socketforwarder.tcp.preconfig_addresses is ignored: the policy address"
                                + " reads it, and is not in transports.tcp.handshake; to add it, set"
                                + " SOCKETFORWARDER_TCP_HANDSHAKE=address,prefix");
    }

    @Test
    void theEnvironmentIsHeldToTheSame() {
        var environment = Map.of("SOCKETFORWARDER_TOKEN_SECRET", SECRET, "SOCKETFORWARDER_TCP_PORT", "1");

        assertThatThrownBy(() -> open(Fakes.merged("", environment)))
                .hasMessageStartingWith("environment variable SOCKETFORWARDER_TOKEN_SECRET: token-secret is ********")
                .hasMessageNotContaining(SECRET);
    }
}
