package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.transport.udp.members.RegistrationFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Runs the fuzzer's first inputs, and those that once failed, without the fuzzer. */
class CorpusTest {

    @TestFactory
    Stream<DynamicTest> registration() throws IOException {
        try (var files = Files.list(Path.of("src/test/corpus/RegistrationFuzz"))) {
            var inputs = files.sorted().toList();
            assertThat(inputs).isNotEmpty();
            return inputs.stream()
                    .map(input -> DynamicTest.dynamicTest(
                            input.getFileName().toString(),
                            () -> RegistrationFuzz.fuzzerTestOneInput(Files.readAllBytes(input))));
        }
    }
}
