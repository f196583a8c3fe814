package dev.socketforwarder.tests;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Shell commands that run in a folder, with both outputs as one. {@link #close} ends them and their children, and returns once they
 * have ended: the folder is deleted next.
 */
final class Program implements AutoCloseable {
    private final Process process;
    private final Lines out;

    private Program(Process process) {
        this.process = process;
        this.out = Lines.of(process.getInputStream());
    }

    static Program start(Path folder, String commands) {
        try {
            // A group of processes of their own, which a signal reaches as a whole.
            var builder = new ProcessBuilder("setsid", "bash", "-c", commands)
                    .directory(folder.toFile())
                    .redirectErrorStream(true);
            builder.environment()
                    .merge("PATH", "/usr/sbin:/sbin", (path, more) -> path + ":" + more); // for other users than root
            var process = builder.start();
            Launch.endWithTests(process);
            return new Program(process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return whether a program is there} */
    static boolean exists(String name) {
        try (var asked = start(Path.of("."), "command -v " + name)) {
            return asked.exitCode() == 0;
        }
    }

    /** {@return the lines of both outputs} */
    Lines out() {
        return out;
    }

    /** Write to its input. */
    void type(String text) {
        try {
            OutputStream in = process.getOutputStream();
            in.write(text.getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the exit code, once it has ended} */
    int exitCode() {
        try {
            if (!process.waitFor(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("it does not end; it said:\n" + out);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        out.awaitEnd(Forwarder.LIMIT);
        return process.exitValue();
    }

    @Override
    public void close() {
        var all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .toList();
        Launch.signal("KILL", -process.pid());
        Launch.awaitEnd(all);
    }
}
