package dev.socketforwarder.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Compares docs/REASONS.md with the reasons, what the API's Javadoc says about each, and its remedy; with {@code
 * -Dreasons.write=true} this test writes that table.
 */
class ReasonsPageTest {
    private static final Path PAGE = Path.of("../docs/REASONS.md");
    private static final Path SOURCE = Path.of("../forwarder-api/src/main/java/dev/socketforwarder/api/Reason.java");
    private static final String HEAD = "| reason | what happened | what to do |\n|---|---|---|\n";

    @Test
    void thePageHasEachReasonWithItsMeaningAndItsRemedy() throws IOException {
        var source = Files.readString(SOURCE);
        var table = Arrays.stream(Reason.values())
                .sorted(Comparator.comparing(Reason::label))
                .map(reason -> "| `" + reason + "` | " + meaning(reason, source) + " | " + Remedies.of(reason) + " |\n")
                .map(row -> row.replace("|  |", "| |"))
                .collect(Collectors.joining());
        var page = Files.readString(PAGE);
        var text = page.substring(0, page.indexOf(HEAD) + HEAD.length());

        if (Boolean.getBoolean("reasons.write")) {
            Files.writeString(PAGE, text + table);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(text + table);
    }

    private static String meaning(Reason reason, String source) {
        var javadoc = Pattern.compile("/\\*\\*((?:(?!\\*/).)*)\\*/\\s+" + reason.name() + "[,;]", Pattern.DOTALL)
                .matcher(source);
        assertThat(javadoc.find()).as(reason.name()).isTrue();
        return javadoc.group(1).replaceAll("\\s*\\*?\\s+", " ").strip().replaceAll("\\{@code ([^}]*)}", "`$1`");
    }
}
