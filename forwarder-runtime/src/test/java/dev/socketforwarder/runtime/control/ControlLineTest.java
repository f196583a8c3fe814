package dev.socketforwarder.runtime.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.runtime.monitor.Answer;
import dev.socketforwarder.runtime.monitor.Request;
import dev.socketforwarder.runtime.monitor.Request.BadParameterException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlLineTest {

    private static Request read(String line) throws IOException {
        return ControlLine.request(new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"telemetry", " with blanks ", "a&b=c?d#e%25", "line\nfeed", "\u202egroup \uD83D\uDE00", "{}"})
    void aRequestArrivesAsItWasMade(String group) throws IOException {
        var request = new Request("GET", "members", Map.of("group", group));

        assertThat(ControlLine.request(new ByteArrayInputStream(ControlLine.of(request))))
                .isEqualTo(request);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET", "GET status?", "status\n", "GET?x\n", "GET members?group=%zz\n", "GET members?a=%ff\n"})
    void whatIsNoRequestIsRefused(String line) {
        assertThatThrownBy(() -> read(line)).isInstanceOf(BadParameterException.class);
    }

    @Test
    void nothingAtAllIsSomebodyWhoLooks() {
        assertThatThrownBy(() -> read("")).isInstanceOf(EOFException.class);
    }

    @Test
    void aRequestWithoutEndIsRefused() {
        assertThatThrownBy(() -> read("GET members?group=" + "x".repeat(100_000)))
                .isInstanceOf(BadParameterException.class)
                .hasMessageContaining("at most 16384 bytes");
    }

    @Test
    void aFailureIsOneLineToo() throws IOException {
        var out = new ByteArrayOutputStream();
        ControlLine.write(new Answer.Failure(404, "no such \"thing\"\n"), out);

        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("{\"error\":\"no such \\\"thing\\\"\\n\",\"status\":404}\n");
    }
}
