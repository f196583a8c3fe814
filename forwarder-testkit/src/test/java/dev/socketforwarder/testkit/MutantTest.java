package dev.socketforwarder.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.socketforwarder.testkit.FaultyPolicy.Wrong;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/** What keeps all promises passes, and what breaks any of them fails with its quote. */
class MutantTest {

    @AfterEach
    void noFault() {
        FaultySubject.fault = Fault.NONE;
        PolicySubject.wrong = Wrong.NOTHING;
    }

    private static List<Throwable> failures(DiscoverySelector selector) {
        return EngineTestKit.engine("junit-jupiter").selectors(selector).execute().testEvents().failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow())
                .toList();
    }

    private static void assertQuoted(List<Throwable> failures, Promise promise) {
        assertThat(failures)
                .singleElement()
                .satisfies(failure -> assertThat(failure)
                        .isInstanceOf(BrokenPromiseError.class)
                        .hasMessageContaining(promise.text()));
    }

    @Test
    void aTransportThatKeepsAllPasses() {
        assertThat(failures(selectClass(FaultySubject.class))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void aPromiseThatATransportBreaksIsQuoted(Fault fault) {
        FaultySubject.fault = fault;

        assertQuoted(failures(selectMethod(FaultySubject.class, fault.test())), fault.promise());
    }

    @Test
    void aPolicyThatKeepsAllPasses() {
        assertThat(failures(selectClass(PolicySubject.class))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NOTHING")
    void aPromiseThatAPolicyBreaksIsQuoted(Wrong wrong) {
        PolicySubject.wrong = wrong;

        assertQuoted(failures(selectMethod(PolicySubject.class, wrong.test())), wrong.promise());
    }

    @Test
    void eachPromiseHasAFault() {
        var promises = EnumSet.allOf(Promise.class);
        Arrays.stream(Fault.values()).skip(1).map(Fault::promise).forEach(promises::remove);
        Arrays.stream(Wrong.values()).skip(1).map(Wrong::promise).forEach(promises::remove);

        assertThat(promises).isEmpty();
    }
}
