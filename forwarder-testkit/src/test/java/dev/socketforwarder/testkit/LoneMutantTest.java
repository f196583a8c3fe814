package dev.socketforwarder.testkit;

import dev.socketforwarder.testkit.FaultyPolicy.Wrong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Does what {@link MutantTest} does, for tests that look at all threads and descriptors of the process: these run one after another. */
class LoneMutantTest {
    static Stream<Mutant> mutants() {
        return Mutants.all().filter(one -> Mutants.isLone(one.finding().test()));
    }

    static Stream<String> transportTests() {
        return Mutants.tests(FaultySubject.class).filter(Mutants::isLone);
    }

    static Stream<String> codecTests() {
        return Mutants.tests(CodecSubject.class).filter(Mutants::isLone);
    }

    static Stream<String> policyTests() {
        return Mutants.tests(PolicySubject.class).filter(Mutants::isLone);
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void aPromiseThatIsBrokenIsQuoted(Mutant mutant) {
        Mutants.assertFound(mutant);
    }

    @ParameterizedTest
    @MethodSource("transportTests")
    void aTransportThatKeepsAllPasses(String test) {
        Mutants.assertPasses(Fault.NONE, test);
    }

    @ParameterizedTest
    @MethodSource("codecTests")
    void aCodecThatKeepsAllPasses(String test) {
        Mutants.assertPasses(FaultyCodec.Slip.NONE, test);
    }

    @ParameterizedTest
    @MethodSource("policyTests")
    void aPolicyThatKeepsAllPasses(String test) {
        Mutants.assertPasses(Wrong.NOTHING, test);
    }
}
