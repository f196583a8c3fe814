package dev.socketforwarder.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A page of docs/recipes, and a folder in which a test follows it. The blocks are taken as they stand. Only ports change: the page's
 * number becomes the test's wherever it stands as a number of its own.
 */
final class Recipe {
    static final Path PAGES = Path.of("../docs/recipes");

    private static final Pattern BLOCK = Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    private final Path folder;
    private final List<Block> blocks;
    private final Map<Integer, Integer> ports = new TreeMap<>();

    /** A block of code. Its first comment may name a file. */
    record Block(String language, String text) {
        boolean isNamed(String file) {
            return text.contains("# " + file) || text.contains("// " + file);
        }
    }

    Recipe(String page, Path folder) {
        this.folder = folder;
        this.blocks = blocks(PAGES.resolve(page + ".md"));
    }

    static List<Block> blocks(Path page) {
        try {
            return BLOCK.matcher(Files.readString(page))
                    .results()
                    .map(found -> new Block(found.group(1), found.group(2)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Use another port than the page, a free one. */
    Recipe tcp(int onPage) {
        ports.put(onPage, FreePorts.tcp("127.0.0.1"));
        return this;
    }

    /** Use another port than the page, a free one. */
    Recipe udp(int onPage) {
        ports.put(onPage, FreePorts.udp("127.0.0.1"));
        return this;
    }

    /** {@return the test's port in place of the page's} */
    int port(int onPage) {
        return ports.get(onPage);
    }

    /** {@return the only block that contains {@code part}} */
    String block(String part) {
        var found = blocks.stream().filter(block -> block.text().contains(part)).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " blocks contain " + part);
        }
        return withPorts(found.getFirst().text());
    }

    /** Write the block that is named after this file. */
    Path write(String file) {
        var found = blocks.stream().filter(block -> block.isNamed(file)).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " blocks are named " + file);
        }
        return write(file, withPorts(found.getFirst().text()));
    }

    Path write(String file, String text) {
        try {
            return Files.writeString(folder.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return what a file of the folder contains, nothing if it does not exist} */
    String read(String file) {
        return new String(bytes(file), StandardCharsets.UTF_8);
    }

    /** {@return the bytes of a file of the folder, none if it does not exist} */
    byte[] bytes(String file) {
        try {
            return Files.exists(folder.resolve(file)) ? Files.readAllBytes(folder.resolve(file)) : new byte[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String withPorts(String text) {
        return Pattern.compile("(?<![\\d.])\\d{4,5}(?![\\d.])").matcher(text).replaceAll(number -> {
            int port = Integer.parseInt(number.group());
            return Integer.toString(ports.getOrDefault(port, port));
        });
    }

    /** Start the forwarder with a file that was written. */
    Forwarder forwarder(String file) {
        return Launch.with("--config", folder.resolve(file).toString())
                .env("SOCKETFORWARDER_DEBUG", "true")
                .env("SOCKETFORWARDER_CONTROL_SOCKET", "off")
                .start();
    }

    /** Run shell commands in the folder. */
    Program run(String commands) {
        return Program.start(folder, commands);
    }
}
