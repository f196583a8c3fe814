package dev.socketforwarder.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.runtime.streams.TestContext;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetsTest {

    private static Map<String, Object> target(String group, String to) {
        return Map.of("group", group, "to", to);
    }

    private static TcpSettings read(Map<String, Object> settings) {
        try (var context = new TestContext(settings)) {
            return TcpSettings.read(context);
        }
    }

    @Test
    void serversAreReadInTheirOrder() {
        var targets = read(Map.of("connect", List.of(target("a:b", "example.org:1"), target("g", "[::1]:65535"))))
                .connect();
        assertThat(targets).map(Target::toString).containsExactly("example.org:1", "[::1]:65535");
        assertThat(targets).map(target -> target.group().name()).containsExactly("a:b", "g");
    }

    @ParameterizedTest
    @CsvSource({
        "'', example.org:1, group",
        "g, '', to",
        "g, example.org, to",
        "g, example.org:0, to",
        "g, example.org:65536, to",
        "g, example.org:*, to",
        "g, ::1:80, to",
        "g, ':80', to",
        "g, 'a b:80', to"
    })
    void oneThatCannotBeConnectedToIsAnError(String group, String to, String key) {
        assertThatThrownBy(() -> read(Map.of("connect", List.of(target(group, to)))))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(key + ": ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SOCKETFORWARDER-NEW:hunter2:g",
                "hunter2@example.org:80",
                "me:hunter2@example.org:80",
                "tcp://hunter2/:80",
                "hunter2",
                "hunter2=:80",
            })
    void aSecretThatStandsInItsPlaceIsNotShown(String to) {
        assertThatThrownBy(() -> read(Map.of("connect", List.of(target("g", to)))))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith("to: ")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void aServerIsInAGroupOnlyOnce() {
        var one = target("g", "example.org:1");
        assertThatThrownBy(() -> read(Map.of("connect", List.of(one, target("h", "example.org:1"), one))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("no other element names");
    }

    @Test
    void aPortIsNeededOnlyWhereThereIsNoServerToConnectTo() {
        assertThat(read(Map.of("connect", List.of(target("g", "example.org:1"))))
                        .listening()
                        .hosts())
                .isEmpty();
        assertThatThrownBy(() -> read(Map.of())).isInstanceOf(MissingSettingException.class);
    }
}
