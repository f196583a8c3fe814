package dev.socketforwarder.runtime.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;

/** Looks at files once a second, and tells their user when they have been written or exchanged. */
final class WatchedFiles implements AutoCloseable {
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final String endpoint;
    private final List<Path> files;
    private final Runnable onChange;
    private List<String> seen = List.of(); // what the files looked like at the last look
    private Thread watch;

    WatchedFiles(String endpoint, List<Path> files, Runnable onChange) {
        this.endpoint = endpoint;
        this.files = files;
        this.onChange = onChange;
    }

    /** Remember what the files look like now, before they are loaded for the first time. */
    void remember() {
        seen = look();
    }

    /** Look at the files once a second from now on, until {@link #close}. */
    void watch() {
        // Not a virtual thread: a look at a network folder may hang, and all virtual threads share a few carrier
        // threads.
        watch = Thread.ofPlatform().name("tls-files-" + endpoint).daemon().start(() -> {
            try {
                while (true) {
                    Thread.sleep(BETWEEN_LOOKS);
                    lookAgain();
                }
            } catch (InterruptedException _) {
                // Closed: the watch ends.
            }
        });
    }

    /** Tell of a change since the last look. */
    void lookAgain() {
        var now = look();
        if (!now.equals(seen)) {
            seen = now;
            onChange.run();
        }
    }

    /** {@return one text for each file, which differs whenever the file has been written or exchanged} */
    private List<String> look() {
        return files.stream().map(WatchedFiles::look).toList();
    }

    private static String look(Path file) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey();
        } catch (IOException _) {
            return "";
        }
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.interrupt();
        }
    }
}
