package dev.socketforwarder.runtime.policies;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.runtime.config.ConfigurationFuzz;
import dev.socketforwarder.runtime.testing.Corpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs the fuzzer's first inputs, and those that once failed, without the fuzzer. */
class CorpusTest {

    @TestFactory
    Stream<DynamicTest> configuration() throws IOException {
        return Corpus.each("ConfigurationFuzz", ConfigurationFuzz::fuzzerTestOneInput);
    }

    @TestFactory
    Stream<DynamicTest> firstMessage() throws IOException {
        return Corpus.each("FirstMessageFuzz", FirstMessageFuzz::fuzzerTestOneInput);
    }

    @TestFactory
    Stream<DynamicTest> token() throws IOException {
        return Corpus.each("TokenFuzz", TokenFuzz::fuzzerTestOneInput);
    }

    /** Otherwise the fuzzer would only ever see refusals. */
    @Test
    void theTokensOfTheCorpusLetIn() throws IOException {
        for (var name : new String[] {"shared", "signed"}) {
            var line = Files.readAllBytes(Path.of("src/test/corpus/TokenFuzz", name));
            assertThat(TokenFuzz.outcome(line)).isInstanceOf(Admitted.class);
        }
    }
}
