package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.SettingException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemberSettingsTest {

    private static MemberSettings read(TestSettings settings) {
        return MemberSettings.read(settings, UdpSettings.DEFAULT_PREFIX);
    }

    @Test
    void nothingMustBeSet() {
        assertThat(read(new TestSettings()))
                .isEqualTo(new MemberSettings("SOCKETFORWARDER-LEAVE:", Duration.ZERO, 4096));
    }

    @Test
    void everyKeyIsRead() {
        var settings = new TestSettings()
                .set("leave-prefix", "BYE ")
                .set("lease", "2m")
                .set("max-registrations", 7);
        assertThat(read(settings)).isEqualTo(new MemberSettings("BYE ", Duration.ofMinutes(2), 7));
    }

    @ParameterizedTest
    @CsvSource({"leave-prefix,''", "leave-prefix,SOCKETFORWARDER-NEW:", "lease,-1s", "lease,721h", "max-registrations,0"
    })
    void whatDoesNotFitIsRefused(String key, String value) {
        assertThatThrownBy(() -> read(new TestSettings().set(key, value)))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(key);
    }
}
