package dev.socketforwarder.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the rules for preconfigured addresses. */
class AddressRuleTest {

    @ParameterizedTest
    @CsvSource({
        "g:127.0.0.1:80,             g,      127.0.0.1,     80,   true",
        "g:127.0.0.1:80,             g,      127.0.0.1,     81,   false",
        "g:127.0.0.1:80,             g,      127.0.0.2,     80,   false",
        "g:127.0.0.1:*,              g,      127.0.0.1,     1,    true",
        "a[1]:127.0.0.1:80,          a[1],   127.0.0.1,     80,   true",
        "[x]:127.0.0.1:80,           [x],    127.0.0.1,     80,   true",
        "a[b:127.0.0.1:80,           a[b,    127.0.0.1,     80,   true",
        "g:[::1]:80,                 g,      ::1,           80,   true",
        "g:[::1]:80,                 g,      ::2,           80,   false",
        "a[1]:[::1]:*,               a[1],   ::1,           80,   true",
        "g:10.0.0.0/8:*,             g,      10.255.3.4,    80,   true",
        "g:10.0.0.0/8:*,             g,      11.0.0.1,      80,   false",
        "g:0.0.0.0/0:80,             g,      192.168.0.1,   80,   true",
        "g:0.0.0.0/0:80,             g,      ::1,           80,   false",
        "g:10.1.2.128/25:*,          g,      10.1.2.129,    80,   true",
        "g:10.1.2.128/25:*,          g,      10.1.2.127,    80,   false",
        "g:10.1.2.3/32:*,            g,      10.1.2.3,      80,   true",
        "g:10.1.2.2/31:*,            g,      10.1.2.2,      80,   true",
        "g:10.1.2.3/32:*,            g,      10.1.2.2,      80,   false",
        "g:[fd00::]/8:*,             g,      fdff::1,       80,   true",
        "g:[fd00::/8]:*,             g,      fdff::1,       80,   true",
        "g:[fd00::/8]:*,             g,      fe00::1,       80,   false",
        "g:[fd00::/8]:*,             g,      10.0.0.1,      80,   false",
        "g:[2001:db8::/33]:*,        g,      2001:db8:7fff::1, 80, true",
        "g:[2001:db8::/33]:*,        g,      2001:db8:8000::1, 80, false",
        "g:[::1/128]:*,              g,      ::1,           80,   true",
        "g:[::ffff:10.0.0.0/104]:*,  g,      10.9.9.9,      80,   true",
        "g:[::ffff:10.0.0.0/104]:*,  g,      11.9.9.9,      80,   false",
        "g:[::ffff:10.0.0.1]:*,      g,      10.0.0.1,      80,   true",
    })
    void aRuleFitsItsAddresses(String text, String group, String address, int port, boolean fits) throws IOException {
        var rule = AddressRule.parse(text);
        assertThat(rule.group()).isEqualTo(group);
        assertThat(rule.fits(new InetSocketAddress(InetAddress.ofLiteral(address), port)))
                .isEqualTo(fits);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "g:10:80",
                "g:10.1:*",
                ":",
                "::",
                ":::",
                "g",
                "g:h",
                "g:",
                ":h:1",
                "g:h:",
                "g:h:0",
                "g:h:65536",
                "g:h:x",
                "g:h:**",
                "g::1",
                "g: :1",
                "g:h/8:1",
                "g:localhost/32:1",
                "g:10.1.2.3/8:*",
                "g:[fe80::1/64]:*",
                "a:b:127.0.0.1:80",
                "g:h:1:2",
                "g:10.0.0.0/33:*",
                "g:10.0.0.0/:*",
                "g:10.0.0.0/-1:*",
                "g:10.0.0.0/8/8:*",
                "g:999.0.0.0/8:*",
                "g:..../8:*",
                "g:[fd00::]/129:*",
                "g:[fd00::/]:*",
                "g:[::1:80",
                "g:::1]:80",
                "g:[]:80",
                "g:::1:80",
                "g:fd00::1:80",
                "g:fd00:1:2:3:4:5:6:7:80",
                "g:[zz::/8]:*",
                "g:[::ffff:10.0.0.0/8]:*",
                "g:[::1]/8/8:*",
                "\n:h:1",
                "g:h h:1"
            })
    void whatIsNoRuleIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> AddressRule.parse(text));
    }

    @Test
    void aNameFitsWhatItStandsForNowAndNobodyBefore() {
        var rule = AddressRule.parse("g:moving.example:*");
        var one = InetAddress.ofLiteral("10.0.0.1");
        var other = InetAddress.ofLiteral("10.0.0.2");
        assertThat(rule.isKnown()).isFalse();
        assertThat(rule.fits(new InetSocketAddress(one, 1))).isFalse();

        assertThat(rule.becomes(List.of(one))).isTrue();
        assertThat(rule.fits(new InetSocketAddress(one, 1))).isTrue();
        assertThat(rule.becomes(List.of(other, one))).isTrue();
        assertThat(rule.becomes(List.of(one, other))).isFalse();
        assertThat(rule.becomes(List.of(other))).isTrue();
        assertThat(rule.fits(new InetSocketAddress(one, 1))).isFalse();
        assertThat(rule.fits(new InetSocketAddress(other, 1))).isTrue();
    }

    @Test
    void garbageIsNeverAnythingButAnIllegalArgumentAndFitsWithoutFailing() throws IOException {
        long seed = System.nanoTime();
        System.out.println("AddressRuleTest seed " + seed);
        var random = new Random(seed);
        var parts = new String[] {
            "g",
            ":",
            ":",
            "[",
            "]",
            "/",
            "*",
            "::",
            "10.0.0.1",
            "10.0.0",
            "ffff:",
            "fd00::1",
            "8",
            "128",
            "33",
            "%",
            "-",
            " ",
            "\n",
            "1",
            "65536",
            "."
        };
        var peers = new InetSocketAddress[] {
            new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 1),
            new InetSocketAddress(InetAddress.ofLiteral("fd00::1"), 1)
        };
        for (int i = 0; i < 30_000; i++) {
            var text = new StringBuilder(random.nextBoolean() ? "g:" : "");
            for (int n = random.nextInt(8); n > 0; n--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            AddressRule rule;
            try {
                rule = AddressRule.parse(text.toString());
            } catch (IllegalArgumentException _) {
                continue;
            }
            for (var peer : peers) {
                rule.fits(peer);
            }
        }
    }
}
