package dev.socketforwarder.runtime.process;

import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Reads files that settings name, none of which may hold up the start, or a watch: within a limit of bytes and one of time. What
 * an {@link IOException} says is for the user, one line, and goes after the file's name.
 */
public final class SmallFile {
    /** Far more than a disk takes that is there. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** A pipe may come of a command that has to ask somebody first. */
    private static final Duration LIMIT_OF_PIPE = Duration.ofSeconds(30);

    private static final Duration LIMIT_OF_COPY = Duration.ofSeconds(30);

    private SmallFile() {}

    /**
     * {@return all of a regular file}
     *
     * @param largest the most bytes that it may have
     */
    public static byte[] read(Path file, int largest) throws IOException {
        return inTime(LIMIT, () -> {
            requireRegular(file);
            return bytes(file, largest);
        });
    }

    /** {@return all of a file that may be a pipe too} */
    public static byte[] readPipe(Path file, int largest) throws IOException {
        return inTime(LIMIT_OF_PIPE, () -> bytes(file, largest));
    }

    /** Copy a regular file, which is not read into memory. */
    public static void copy(Path file, Path to, long largest) throws IOException {
        inTime(LIMIT_OF_COPY, () -> {
            requireRegular(file);
            if (Files.size(file) > largest) {
                throw tooLarge(largest);
            }
            return Files.copy(file, to);
        });
    }

    /** Refuse what cannot be read to its end at once; opening a pipe would wait for its writer already. */
    private static void requireRegular(Path file) throws IOException {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (attributes.isDirectory()) {
            throw new IOException("it is a folder");
        }
        if (!attributes.isRegularFile()) {
            throw new IOException("it is a pipe, a device or a socket, and no regular file");
        }
    }

    private static byte[] bytes(Path file, int largest) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var bytes = in.readNBytes(largest + 1);
            if (bytes.length > largest) {
                throw tooLarge(largest);
            }
            return bytes;
        }
    }

    private static IOException tooLarge(long largest) {
        var shown = largest % (1 << 20) == 0 ? (largest >> 20) + " MiB" : largest + " bytes";
        return new IOException("it is larger than " + shown + ", the most that is allowed");
    }

    /** A check comes too early for a file that is exchanged, and a network may be where a disk seems to be. */
    private static <T> T inTime(Duration limit, Callable<T> reading) throws IOException {
        try {
            return TimeLimit.call("read-file", limit, () -> false, reading);
        } catch (TimeoutException _) {
            throw new IOException("reading it does not end within " + Values.shown(limit));
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case NoSuchFileException _ -> throw new IOException("it does not exist");
                case AccessDeniedException _ -> throw new IOException("permission denied"); // the path alone
                case IOException cause -> throw new IOException(Printable.line(String.valueOf(cause.getMessage())));
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
