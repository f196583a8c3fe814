package dev.socketforwarder.runtime.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.TestCertificates;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the policy {@code certificate} and its rules. */
class CertificateHandshakeTest {
    private static final Peer NOBODY = new Peer("tcp", new InetSocketAddress(1), new InetSocketAddress(2));
    private static final Peer SENSOR = NOBODY.withCertificates(new TestCertificates()
            .issue(
                    "CN=\"sensor-7, left\", O=example",
                    "-ext",
                    "san=dns:s7.Sensors.example,uri:spiffe://example/s7,email:s7@example.org")
            .chain());

    private static Outcome consider(Peer peer, String rules) {
        return new CertificateHandshake()
                .create(Fakes.yaml("transports: {tcp: {tls: {client-auth: want}, certificate-groups: [" + rules + "]}}")
                        .endpoint("tcp"))
                .consider(peer, ByteBuffer.allocate(0), Arrival.NONE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    'telemetry:CN=sensor-*' | telemetry
                    'telemetry:CN=sensor-7, left' | telemetry
                    'of-*:CN=sensor-*, left' | of-7
                    'a:b:DNS=S7.sensors.example' | a:b
                    '*:DNS=*.sensors.EXAMPLE' | s7
                    'uris:URI=spiffe://example/*' | uris
                    'mail:EMAIL=*@example.org' | mail
                    'no:CN=sensor-8*', 'yes:CN=sensor*' | yes
                    """)
    void theFirstRuleThatFitsNamesTheGroup(String rules, String group) {
        assertThat(consider(SENSOR, rules)).isEqualTo(new Admitted(group, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'a:CN=sensor'",
                "'a:CN=SENSOR-*'",
                "'a:CN=sensor-7, left*'",
                "'a:CN=sensor-7'",
                "'a:CN=example'",
                "'a:DNS=sensors.example'",
                "'a:DNS=sensor-*'",
                ""
            })
    void certificateThatNoRuleFitsIsTurnedAway(String rules) {
        assertThat(consider(SENSOR, rules)).isEqualTo(new Rejected(Reason.NOT_ADMITTED));
    }

    @Test
    void ruleWithoutGroupLeavesItToTheNextPolicy() {
        assertThat(consider(SENSOR, "'CN=sensor-*'")).isInstanceOf(Declined.class);
    }

    @Test
    void peerWithoutCertificateIsLeftToTheNextPolicy() {
        assertThat(consider(NOBODY, "'a:CN=*'")).isInstanceOf(Declined.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'a'", "'a:CN='", "'a:CN=*x*'", "'*:CN=x'", "'**:CN=x*'", "'a:OU=x'"})
    void whatIsNoRuleIsRefused(String rule) {
        assertThatThrownBy(() -> consider(SENSOR, rule))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("certificate-groups is ");
    }

    @Test
    void itNeedsClientCertificates() {
        var settings = Fakes.yaml("transports: {tcp: {certificate-groups: ['a:CN=x']}}")
                .endpoint("tcp");
        assertThatThrownBy(() -> new CertificateHandshake().create(settings))
                .hasMessageContaining("tls.client-auth is \"none\"");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    CN=a,O=b | a
                    O=b\\,CN\\=x,CN=c\\+d\\\\ | c+d\\
                    O=b+CN=\\c3\\a9\\20 | é
                    CN=#04024869 | ''
                    """, ignoreLeadingAndTrailingWhitespace = true)
    void commonNamesAreUnescaped(String subject, String name) {
        assertThat(CertificateRule.commonNames(subject).getFirst().strip()).isEqualTo(name.strip());
    }

    @Test
    void valuesCannotPassForAnotherName() {
        assertThat(CertificateRule.commonNames("O=x\\,CN\\=admin,CN=user")).isEqualTo(List.of("user"));
        assertThat(CertificateRule.commonNames("CN=a,CN=#0401")).hasSize(2);
    }
}
