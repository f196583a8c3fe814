package dev.socketforwarder.runtime.admin;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The files of the page, which lie beside this class. */
final class Pages {
    private static final String FOLDER = "page/";
    private static final String FIRST = "index.html";
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*\\.(html|js|css|svg)");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml");

    /** A file with its media type. */
    record File(String type, byte[] bytes) {}

    private Pages() {}

    /** {@return the file at a path below the root; empty if there is none} */
    static Optional<File> at(String path) throws IOException {
        var name = path.isEmpty() ? FIRST : path;
        if (!NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        try (var in = Pages.class.getResourceAsStream(FOLDER + name)) {
            return in == null
                    ? Optional.empty()
                    : Optional.of(new File(TYPES.get(name.substring(name.lastIndexOf('.') + 1)), in.readAllBytes()));
        }
    }
}
