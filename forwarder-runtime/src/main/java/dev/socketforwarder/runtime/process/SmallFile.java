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
 * Reads files that settings name, within a limit of bytes and of time, so that no file holds up the start or a watch.
 * The message of an {@link IOException} is one line for the user, which follows the file's name.
 */
public final class SmallFile {
    /** Far more than a working disk takes. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** A command that writes to a pipe may have to ask somebody first. */
    private static final Duration LIMIT_OF_PIPE = Duration.ofSeconds(30);

    private static final Duration LIMIT_OF_COPY = Duration.ofSeconds(30);

    private SmallFile() {}

    /**
     * {@return the whole content of a regular file}
     *
     * @param largest the most bytes that the file may have
     */
    public static byte[] read(Path file, int largest) throws IOException {
        return inTime(LIMIT, () -> {
            requireRegular(file);
            return bytes(file, largest);
        });
    }

    /** {@return the whole content of a file that may also be a pipe} */
    public static byte[] readPipe(Path file, int largest) throws IOException {
        return inTime(LIMIT_OF_PIPE, () -> bytes(file, largest));
    }

    /** Copy a regular file without holding it in memory. */
    public static void copy(Path file, Path to, long largest) throws IOException {
        inTime(LIMIT_OF_COPY, () -> {
            requireRegular(file);
            if (Files.size(file) > largest) {
                throw tooLarge(largest);
            }
            return Files.copy(file, to);
        });
    }

    /** Refuse a file that has no end; merely opening a pipe would wait for its writer. */
    private static void requireRegular(Path file) throws IOException {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (attributes.isDirectory()) {
            throw new IOException("it is a folder");
        }
        if (!attributes.isRegularFile()) {
            throw new IOException("it is a pipe, a device or a socket, not a regular file");
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

    /**
     * Limit the time of a read. The check for a regular file cannot replace the limit: the file may be exchanged after
     * the check, or lie on a slow network.
     */
    private static <T> T inTime(Duration limit, Callable<T> reading) throws IOException {
        try {
            return TimeLimit.call("read-file", limit, () -> false, reading);
        } catch (TimeoutException _) {
            throw new IOException("it cannot be read within " + Values.shown(limit));
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case NoSuchFileException _ -> throw new IOException("it does not exist");
                case AccessDeniedException _ ->
                    throw new IOException("permission denied"); // the exception's own message is only the path
                case IOException cause -> throw new IOException(Printable.line(String.valueOf(cause.getMessage())));
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
