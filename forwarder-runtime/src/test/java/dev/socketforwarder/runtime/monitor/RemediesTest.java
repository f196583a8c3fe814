package dev.socketforwarder.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Reason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RemediesTest {

    @ParameterizedTest
    @EnumSource
    void eachIsASentenceOrNothing(Reason reason) {
        var remedy = Remedies.of(reason);

        assertThat(remedy.isEmpty() || remedy.endsWith(".") && Character.isUpperCase(remedy.charAt(0)))
                .as(remedy)
                .isTrue();
        if (reason.isMembersFault()) {
            assertThat(remedy).isNotEmpty();
        }
    }
}
