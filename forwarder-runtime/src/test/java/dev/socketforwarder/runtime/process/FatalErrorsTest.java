package dev.socketforwarder.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.testing.TestJvm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the end of a process that runs out of memory. */
@Timeout(60)
class FatalErrorsTest {
    @Test
    void outOfMemoryIsFoundAmongTheCauses() {
        var direct = new OutOfMemoryError("Cannot reserve 4096 bytes of direct buffer memory");

        assertThat(FatalErrors.isOutOfMemory(direct)).isTrue();
        assertThat(FatalErrors.isOutOfMemory(new ExecutionException(new IOException(direct))))
                .isTrue();
        assertThat(FatalErrors.isOutOfMemory(new IOException("x"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"heap", "direct"})
    void withoutMemoryTheProcessEndsWithThree(String kind) throws Exception {
        var process = Victim.start(kind);

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(ExitCode.OUT_OF_MEMORY);
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("socketforwarder: out of memory: exiting with code 3; allow more (-Xmx,"
                        + " -XX:MaxDirectMemorySize), or lower high-water\n");
    }

    @Test
    void anyOtherErrorOfAThreadIsLogged() throws Exception {
        var process = Victim.start("other");

        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("ERROR Thread event-loop-0 ended by an error\n    java.lang.IllegalStateException: a bug\n");
    }

    /** A program whose failure would hurt the tests' own process. */
    static final class Victim {
        private Victim() {}

        static Process start(String kind) throws IOException {
            var options = List.of("-Xmx32m", "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=1m");
            return new ProcessBuilder(TestJvm.command(options, Victim.class, kind))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        }

        public static void main(String[] args) throws InterruptedException {
            FatalErrors.install();
            Logging.prepare();
            Runnable task = switch (args[0]) {
                case "heap" -> () -> fill(new ArrayList<>());
                case "direct" -> () -> ByteBuffer.allocateDirect(2 << 20);
                default ->
                    () -> {
                        throw new IllegalStateException("a bug");
                    };
            };
            Thread.ofPlatform().name("event-loop-0").start(task).join();
            Logging.drain();
        }

        private static void fill(List<byte[]> heap) {
            while (true) {
                heap.add(new byte[1 << 20]);
            }
        }
    }
}
