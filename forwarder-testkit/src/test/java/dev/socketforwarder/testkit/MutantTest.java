package dev.socketforwarder.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.testkit.FaultyPolicy.Wrong;
import java.util.EnumSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that subjects without a fault pass, and that each fault fails with the quoted promise. See also {@link LoneMutantTest}. */
class MutantTest {
    static Stream<Mutant> mutants() {
        return Mutants.all().filter(one -> !Mutants.isLone(one.finding().test()));
    }

    static Stream<String> transportTests() {
        return Mutants.tests(FaultySubject.class).filter(test -> !Mutants.isLone(test));
    }

    static Stream<String> codecTests() {
        return Mutants.tests(CodecSubject.class).distinct().filter(test -> !Mutants.isLone(test));
    }

    static Stream<String> policyTests() {
        return Mutants.tests(PolicySubject.class).filter(test -> !Mutants.isLone(test));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    @Execution(ExecutionMode.CONCURRENT)
    void aPromiseThatIsBrokenIsQuoted(Mutant mutant) {
        Mutants.assertFound(mutant);
    }

    @ParameterizedTest
    @MethodSource("transportTests")
    @Execution(ExecutionMode.CONCURRENT)
    void aTransportThatKeepsAllPasses(String test) {
        Mutants.assertPasses(Fault.NONE, test);
    }

    @ParameterizedTest
    @MethodSource("codecTests")
    @Execution(ExecutionMode.CONCURRENT)
    void aCodecThatKeepsAllPasses(String test) {
        Mutants.assertPasses(FaultyCodec.Slip.NONE, test);
    }

    @ParameterizedTest
    @MethodSource("policyTests")
    @Execution(ExecutionMode.CONCURRENT)
    void aPolicyThatKeepsAllPasses(String test) {
        Mutants.assertPasses(Wrong.NOTHING, test);
    }

    @Test
    void eachPromiseHasAFault() {
        var promises = EnumSet.allOf(Promise.class);
        Mutants.all().map(one -> one.finding().promise()).forEach(promises::remove);

        assertThat(promises).isEmpty();
    }
}
