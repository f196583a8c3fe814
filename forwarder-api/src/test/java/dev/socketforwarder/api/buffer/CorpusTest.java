package dev.socketforwarder.api.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Runs the fuzzer's targets without the fuzzer, on the seed inputs and on inputs that once failed. */
class CorpusTest {

    @TestFactory
    Stream<DynamicTest> framing() throws IOException {
        try (var files = Files.list(Path.of("src/test/corpus/FramingFuzz"))) {
            var inputs = files.sorted().toList();
            assertThat(inputs).isNotEmpty();
            return inputs.stream()
                    .map(input -> DynamicTest.dynamicTest(
                            input.getFileName().toString(),
                            () -> FramingFuzz.fuzzerTestOneInput(Files.readAllBytes(input))));
        }
    }
}
