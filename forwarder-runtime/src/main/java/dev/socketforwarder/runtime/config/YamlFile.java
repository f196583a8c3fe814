package dev.socketforwarder.runtime.config;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.config.Setting.Item;
import dev.socketforwarder.runtime.config.Setting.Shape;
import dev.socketforwarder.runtime.process.SmallFile;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads a configuration file token by token, so that each value knows its line, and an alias is recognised and never
 * expanded.
 */
public final class YamlFile {
    static final int LARGEST = 1 << 20;

    private static final int DEEPEST = 8;

    private final String name;
    private final YAMLParser parser;
    private final Map<String, Setting> settings = new LinkedHashMap<>();

    private YamlFile(String name, YAMLParser parser) {
        this.name = name;
        this.parser = parser;
    }

    /**
     * Read a file.
     *
     * @return its settings, including maps; each map comes before its content
     * @throws SettingException if it cannot be read, or is no configuration
     */
    static Map<String, Setting> read(Path file) {
        var name = file.toString();
        try {
            return parse(name, SmallFile.readPipe(file, LARGEST));
        } catch (IOException e) {
            throw new SettingException(Printable.line(name) + " cannot be read: " + e.getMessage()
                    + "; give the path of a file to --config");
        }
    }

    public static Map<String, Setting> parse(String name, byte[] bytes) {
        var text = decode(name, bytes);
        try (var parser = (YAMLParser) new YAMLFactory().createParser(ObjectReadContext.empty(), text)) {
            return new YamlFile(name, parser).document();
        } catch (JacksonException e) {
            var mistake = e.getCause() instanceof MarkedYamlEngineException marked
                    ? YamlMistake.of(text, marked)
                    : new YamlMistake(line(e), Printable.line(problem(e)));
            throw new SettingException(
                    Origin.file(name, mistake.line()).place() + ": this is not YAML: " + mistake.words());
        }
    }

    private static int line(JacksonException e) {
        return e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
    }

    private static String problem(JacksonException e) {
        return String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("it cannot be parsed");
    }

    private static String decode(String name, byte[] bytes) {
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException _) {
            throw new SettingException(Printable.line(name) + " is not UTF-8; save it as UTF-8");
        }
    }

    private Map<String, Setting> document() {
        var first = parser.nextToken();
        refuseTag("the file");
        if (first == null || first == JsonToken.VALUE_NULL) {
            return settings; // nothing but comments
        }
        if (first != JsonToken.START_OBJECT) {
            var fault = first == JsonToken.VALUE_STRING
                    ? parser.getString().lines().findFirst().flatMap(YamlMistake::faultOf)
                    : Optional.<String>empty();
            throw wrong("the file must hold keys with values, as in \"debug: true\""
                    + fault.map(each -> ": " + each).orElse(""));
        }
        map("", 1);
        if (parser.nextToken() != null) {
            throw wrong("a second document is not allowed");
        }
        return settings;
    }

    private void map(String prefix, int depth) {
        if (depth > DEEPEST) {
            throw wrong("more than " + DEEPEST + " levels are not allowed");
        }
        for (var token = parser.nextToken(); token != JsonToken.END_OBJECT; token = parser.nextToken()) {
            refuseTag("a key");
            var word = parser.currentName();
            if (!Keys.isWord(word)) {
                throw wrong(UnknownKeys.malformed(prefix, word));
            }
            var key = prefix + word;
            var origin = here();
            parser.nextToken();
            var earlier = settings.get(key);
            if (earlier != null) {
                throw new SettingException(origin.place() + ": " + key + " is set twice, first at "
                        + earlier.origin().place() + "; remove one of them");
            }
            value(key, origin, depth);
        }
    }

    private void value(String key, Origin origin, int depth) {
        refuseTag(key);
        switch (parser.currentToken()) {
            case START_OBJECT -> {
                settings.put(key, new Setting(key, Shape.MAP, List.of(), origin));
                map(key + ".", depth + 1);
            }
            case START_ARRAY -> list(key, origin, depth);
            case VALUE_NULL -> settings.put(key, new Setting(key, Shape.EMPTY, List.of(), origin));
            default -> settings.put(key, new Setting(key, Shape.TEXT, List.of(new Item(scalar(key), here())), origin));
        }
    }

    private void list(String key, Origin origin, int depth) {
        var texts = new ArrayList<Item>();
        int maps = 0;
        for (var token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            refuseTag(key);
            if (token == JsonToken.START_OBJECT && texts.isEmpty()) {
                settings.putIfAbsent(key, new Setting(key, Shape.MAPS, List.of(), origin));
                value(key + "." + ++maps, here(), depth + 1);
            } else if (maps > 0) {
                throw wrong(key + " has an element that is not a map; each must be a map, as the first is");
            } else if (!token.isScalarValue() || token == JsonToken.VALUE_NULL) {
                throw wrong(key + " has an element that is " + (token == JsonToken.VALUE_NULL ? "empty" : "not a text")
                        + "; each must be a single text");
            } else {
                texts.add(new Item(scalar(key), here()));
            }
        }
        settings.putIfAbsent(key, new Setting(key, Shape.LIST, texts, origin));
    }

    private String scalar(String key) {
        if (parser.isCurrentAlias()) {
            throw wrong(
                    key + " is an alias, and aliases are not allowed: write the value itself, in quotes if it begins"
                            + " with *");
        }
        return parser.getString();
    }

    /**
     * Refuse a tag such as {@code !!int} or {@code !env}. Values are texts here, and their settings know what they have to be, so even a
     * tag of YAML itself would do nothing. The message does not show the tag, which may be a secret without quotes.
     */
    private void refuseTag(String what) {
        if (parser.getTypeId() != null) {
            throw wrong(
                    what + " has a tag, and tags are not allowed: remove the word with !, or put a value that begins"
                            + " with ! in quotes");
        }
    }

    private Origin here() {
        return Origin.file(name, Math.max(1, parser.currentTokenLocation().getLineNr()));
    }

    private SettingException wrong(String message) {
        return new SettingException(here().place() + ": " + message);
    }
}
