package dev.socketforwarder.transport.udp.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.transport.udp.TestSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the settings for members. */
class MemberSettingsTest {

    private static MemberSettings read(TestSettings settings) {
        return MemberSettings.read(settings, UdpSettings.DEFAULT_PREFIX);
    }

    @Test
    void nothingMustBeSet() {
        assertThat(read(new TestSettings()))
                .isEqualTo(new MemberSettings(
                        RegistrationMode.OPEN,
                        SenderPolicy.ANY,
                        "SOCKETFORWARDER-LEAVE:",
                        Duration.ZERO,
                        4096,
                        3072,
                        0,
                        0,
                        Unreachable.KEEP,
                        10));
        assertThat(read(new TestSettings().set("registration", "auto")).lease()).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void everyKeyIsRead() {
        var settings = new TestSettings()
                .set("registration", "auto")
                .set("sender-policy", "registered")
                .set("leave-prefix", "BYE ")
                .set("lease", "2m")
                .set("max-registrations", 7)
                .set("max-registrations-per-address", 3)
                .set("registration-rate", 4)
                .set("sender-rate", 5)
                .set("unreachable", "remove")
                .set("unreachable-threshold", 6);
        assertThat(read(settings))
                .isEqualTo(new MemberSettings(
                        RegistrationMode.AUTO,
                        SenderPolicy.REGISTERED,
                        "BYE ",
                        Duration.ofMinutes(2),
                        7,
                        3,
                        4,
                        5,
                        Unreachable.REMOVE,
                        6));
    }

    @Test
    void autoAsksNoPolicyAndKeepsNobodyForEver() {
        var auto = new TestSettings().set("registration", "auto");
        assertThatThrownBy(() -> read(auto.set("lease", "0s"))).hasMessageContaining("lease");
        auto.set("lease", "1m").set("handshake", "token");
        assertThatThrownBy(() -> read(auto)).hasMessageContaining("handshake").hasMessageContaining("token");
    }

    @ParameterizedTest
    @CsvSource({"1234567890123456789,false", "12345678901234567890,true", "ÄÖÜ45678901234567,true"})
    void aChallengeIsNoLongerThanWhatAsksForIt(String prefix, boolean fits) {
        var challenge = new TestSettings().set("registration", "challenge");
        var other = new TestSettings().set("registration", "challenge").set("leave-prefix", prefix);
        if (fits) {
            assertThat(MemberSettings.read(challenge, prefix).registration()).isEqualTo(RegistrationMode.CHALLENGE);
            assertThat(read(other).leavePrefix()).isEqualTo(prefix);
        } else {
            assertThatThrownBy(() -> MemberSettings.read(challenge, prefix)).hasMessageContaining("new-client-prefix");
            assertThatThrownBy(() -> read(other)).hasMessageContaining("leave-prefix");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "leave-prefix,''",
        "leave-prefix,SOCKETFORWARDER-NEW:",
        "lease,-1s",
        "lease,721h",
        "max-registrations,0",
        "registration-rate,-1",
        "sender-rate,-1"
    })
    void whatDoesNotFitIsRefused(String key, String value) {
        assertThatThrownBy(() -> read(new TestSettings().set(key, value)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(key);
    }
}
