package dev.socketforwarder.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.socketforwarder.testkit.FaultyPolicy.Wrong;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;

/** Runs single tests of the contracts for subjects with one fault or with none. Thread-safe. */
final class Mutants {
    /** The tests that look at all threads and descriptors of the process: no other test may run at the same time. */
    private static final Set<String> LOOK_AT_THE_PROCESS = Set.of(
            "openBindsNothingAndStartsNoThread",
            "anAddressInUseIsOneLineThatNamesIt",
            "stopLetsGoOfEverything",
            "creatingStartsNoThreadAndReadsAllSettings");

    /** The limit of waits that a fault makes last to the end. */
    private static final Duration SHORT = Duration.ofSeconds(2);

    private static final ScopedValue<Run> RUN = ScopedValue.newInstance();

    private record Run(Mutant mutant, Duration patience) {}

    private Mutants() {}

    /** {@return the subject that this thread tests now} */
    static Mutant current() {
        return RUN.get().mutant();
    }

    /** {@return how long a test waits for an event of this subject} */
    static Duration patience() {
        return RUN.get().patience();
    }

    /** {@return all subjects with a fault} */
    static Stream<Mutant> all() {
        return Stream.<Mutant[]>of(Fault.values(), Wrong.values(), FaultyCodec.Slip.values())
                .flatMap(Arrays::stream)
                .filter(one -> one.finding().promise() != null);
    }

    /** {@return the names of all tests of a contract} */
    static Stream<String> tests(Class<?> subject) {
        return Stream.<Class<?>>iterate(subject, type -> type != Object.class, Class::getSuperclass)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(method -> method.getName());
    }

    /** {@return whether no other test may run at the same time as this one} */
    static boolean isLone(String test) {
        return LOOK_AT_THE_PROCESS.contains(test);
    }

    /**
     * Assert that the test for a fault fails, and quotes the promise. On a busy machine the short limit may break another
     * promise, or none. The test is then repeated with the usual limit, and only that result counts.
     */
    static void assertFound(Mutant mutant) {
        if (!isFound(mutant, failures(mutant, mutant.finding().test(), SHORT))) {
            assertThat(failures(mutant, mutant.finding().test(), TransportContract.PATIENCE))
                    .singleElement()
                    .satisfies(failure -> assertThat(failure)
                            .isInstanceOf(BrokenPromiseError.class)
                            .hasMessageContaining(mutant.finding().promise().text()));
        }
    }

    private static boolean isFound(Mutant mutant, List<Throwable> failures) {
        return failures.size() == 1
                && failures.getFirst() instanceof BrokenPromiseError error
                && error.getMessage().contains(mutant.finding().promise().text());
    }

    /** Assert that a test passes for a subject without a fault. */
    static void assertPasses(Mutant right, String test) {
        assertThat(failures(right, test, TransportContract.PATIENCE)).isEmpty();
    }

    private static List<Throwable> failures(Mutant mutant, String test, Duration patience) {
        var events = ScopedValue.where(RUN, new Run(mutant, patience))
                .call(() -> EngineTestKit.engine("junit-jupiter")
                        .selectors(selectMethod(mutant.finding().subject(), test))
                        .execute()
                        .testEvents());
        assertThat(events.finished().count()).as(test).isOne();
        return events.failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow())
                .toList();
    }
}
