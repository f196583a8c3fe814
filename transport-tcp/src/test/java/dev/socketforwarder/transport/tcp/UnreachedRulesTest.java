package dev.socketforwarder.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.testkit.MapSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests rules that an earlier rule hides. */
class UnreachedRulesTest {

    private static List<String> unreached(String first, String second) {
        var texts = List.of(first, second);
        var settings = new MapSettings(Map.of("preconfig-addresses", texts));
        assertThat(new AddressPolicy().create(settings)).isNotNull();
        return AddressPolicy.unreached(
                settings, texts.stream().map(AddressRule::parse).toList());
    }

    @ParameterizedTest
    @CsvSource({
        "a:10.0.0.0/8:*, b:10.0.0.0/8:*",
        "a:10.0.0.0/8:*, b:10.1.0.0/16:*",
        "a:10.0.0.0/8:*, b:10.1.2.3:80",
        "a:10.0.0.0/8:80, b:10.1.2.3:80",
        "a:10.1.2.3:80, b:10.1.2.3:80",
        "a:10.1.2.3:*, b:10.1.2.3:80",
        "a:Example.org:*, b:example.ORG:80",
        "a:[fd00::]/8:*, b:[fdff::1]:80",
        "a:[::ffff:10.0.0.0/104]:*, b:10.1.2.3:80",
    })
    void addressesOfAnEarlierRuleForAnotherGroupAreTold(String first, String second) {
        assertThat(unreached(first, second))
                .singleElement()
                .asString()
                .contains(second, "an earlier element puts these into group a");
    }

    @ParameterizedTest
    @CsvSource({
        "a:10.1.0.0/16:*, b:10.0.0.0/8:*",
        "a:10.0.0.0/8:80, b:10.1.2.3:81",
        "a:10.0.0.0/8:80, b:10.1.2.3:*",
        "a:10.1.2.3:80, b:10.1.2.3:*",
        "a:10.0.0.0/8:*, a:10.0.0.0/8:*",
        "a:10.0.0.0/8:*, b:example.org:*",
        "a:10.0.0.0/8:*, b:[fd00::]/8:*",
        "a:0.0.0.0/0:*, b:[::1]:*",
    })
    void othersAreRight(String first, String second) {
        assertThat(unreached(first, second)).isEmpty();
    }
}
