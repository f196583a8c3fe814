package dev.socketforwarder.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests that the Javadoc of the API contains each promise word for word. */
class PromiseTest {
    private static final Path API = Path.of("../forwarder-api/src/main/java/dev/socketforwarder/api");

    @ParameterizedTest
    @EnumSource
    void theJavadocSaysIt(Promise promise) throws IOException {
        var type = promise.place().replaceFirst("\\..*", "");
        var file = API.resolve(type + ".java");
        var words = Files.readString(Files.exists(file) ? file : API.resolve("buffer/" + type + ".java"))
                .replaceAll("\\n *\\*/? ?", " ")
                .replaceAll("\\{@(?:code|link) #?([^{} ]+)\\s*}", "$1")
                .replace('#', '.')
                .replaceAll("\\s+", " ");

        assertThat(words).contains(promise.text());
    }
}
