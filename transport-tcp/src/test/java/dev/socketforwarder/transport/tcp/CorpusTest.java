package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.runtime.testing.Corpus;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Runs the fuzzer's first inputs, and those that once failed, without the fuzzer. */
class CorpusTest {

    @TestFactory
    Stream<DynamicTest> addressRule() throws IOException {
        return Corpus.each("AddressRuleFuzz", AddressRuleFuzz::fuzzerTestOneInput);
    }
}
