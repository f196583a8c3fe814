package dev.socketforwarder.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.LogOutput;
import dev.socketforwarder.runtime.logging.Logging;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TotalsTest {
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    TotalsTest() {
        Logging.start(LogFormat.TEXT, log, false);
    }

    @AfterEach
    void logAsBefore() {
        Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
    }

    @Test
    void whatIsNotZeroIsToldInOneLineForEach() {
        var tcp = new Counters();
        tcp.add(Counter.BYTES_IN, 1_234_567);
        tcp.add(Counter.MEMBERS, 1);
        tcp.add(Counter.MEMBERS, -1);
        tcp.add(Reason.STALLED, 2);
        tcp.add(Reason.PROBE, 3);
        var all = new LinkedHashMap<String, Counters>();
        all.put("tcp", tcp);
        all.put("groups", new Counters());

        new Totals(() -> all).log();

        assertThat(log.toString(StandardCharsets.UTF_8).lines())
                .hasSize(2)
                .satisfiesExactly(
                        line -> assertThat(line)
                                .endsWith("INFO  tcp since the start: bytes-in 1234567, probe 3, stalled 2"),
                        line -> assertThat(line).endsWith("INFO  groups since the start: nothing"));
    }
}
