package dev.socketforwarder.runtime.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Provides the stored inputs of a fuzzing target as tests. */
public final class Corpus {
    private Corpus() {}

    /** {@return a test for each stored input} */
    public static Stream<DynamicTest> each(String target, Consumer<byte[]> test) throws IOException {
        try (var files = Files.list(Path.of("src/test/corpus", target))) {
            var inputs = files.sorted().toList();
            assertThat(inputs).isNotEmpty();
            return inputs.stream()
                    .map(input -> DynamicTest.dynamicTest(
                            input.getFileName().toString(), () -> test.accept(Files.readAllBytes(input))));
        }
    }
}
