package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Gives typed access to one part of the configuration. A value may come from any source: command line, environment or YAML file.
 *
 * <p>Each method takes a key, together with the default and the limits of its value. The runtime remembers each key that was
 * read. A key in the configuration that no one has read is an error, and the error names file and line; so read all keys that you
 * know, each time, in {@link Transport#open}. Keys are lower-case words with dashes. If an endpoint does not set one of the
 * following keys, the top level of the configuration is searched for the key: {@code host-address}, {@code new-client-prefix},
 * {@code max-read-in-size}, {@code first-message}, {@code allow}, {@code deny}, the keys of the tokens' secrets, and the keys of
 * groups.
 *
 * <p>Every method throws {@link SettingException} if a value is not allowed. Not thread-safe.
 */
@NotForImplementation
public interface Settings {

    /**
     * {@return a text of at most 4,096 characters}
     *
     * @param key lower-case words with dashes
     * @param fallback the value if the key is missing
     * @throws SettingException if the value is not allowed
     */
    String text(String key, String fallback);

    /**
     * {@return a setting that is {@code true} or {@code false}}
     *
     * @param key lower-case words with dashes
     * @param fallback the value if the key is missing
     * @throws SettingException if the value is not allowed
     */
    boolean flag(String key, boolean fallback);

    /**
     * {@return a whole number from {@code min} to {@code max}}
     *
     * @param key lower-case words with dashes
     * @param fallback the value if the key is missing
     * @param min the smallest allowed value
     * @param max the largest allowed value
     * @throws SettingException if the value is not allowed
     */
    int number(String key, int fallback, int min, int max);

    /**
     * {@return a whole number from {@code min} to {@code max}, which the configuration must set}
     *
     * @param key lower-case words with dashes
     * @param min the smallest allowed value
     * @param max the largest allowed value
     * @throws MissingSettingException if the key is missing
     * @throws SettingException if the value is not allowed
     */
    int required(String key, int min, int max);

    /**
     * {@return a text of at least one character, which the configuration must set}
     *
     * @param key lower-case words with dashes
     * @throws MissingSettingException if the key is missing, or its text is empty
     * @throws SettingException if the value is not allowed
     */
    String requiredText(String key);

    /**
     * {@return a number of bytes from {@code min} to {@code max}, written as {@code 65536}, {@code 64KiB}, {@code 1MiB}}
     *
     * @param key lower-case words with dashes
     * @param fallback the value if the key is missing
     * @param min the smallest allowed value
     * @param max the largest allowed value
     * @throws SettingException if the value is not allowed
     */
    long size(String key, long fallback, long min, long max);

    /**
     * {@return a duration from {@code min} to {@code max}, written as {@code 500ms}, {@code 5s}, {@code 2m}, {@code 1h}; a number
     * without a unit counts seconds}
     *
     * @param key lower-case words with dashes
     * @param fallback the value if the key is missing
     * @param min the shortest allowed duration
     * @param max the longest allowed duration
     * @throws SettingException if the value is not allowed
     */
    Duration duration(String key, Duration fallback, Duration min, Duration max);

    /**
     * {@return one constant of an enum, written in lower case with dashes}
     *
     * @param <E> the enum
     * @param key lower-case words with dashes
     * @param fallback the value if the key is missing; all constants of its enum are allowed
     * @throws SettingException if the value is not allowed
     */
    <E extends Enum<E>> E choice(String key, E fallback);

    /**
     * {@return a list of texts. A single text is a list of one element, and commas separate the elements in the environment}
     *
     * @param key lower-case words with dashes
     * @param fallback the value if the key is missing
     * @throws SettingException if the value is not allowed
     */
    List<String> list(String key, List<String> fallback);

    /**
     * {@return the settings under a key whose value is a map; empty settings if the key is missing}
     *
     * @param key lower-case words with dashes
     * @throws SettingException if the value is not a map
     */
    Settings section(String key);

    /**
     * {@return whether the configuration contains this section; true even for an empty section such as {@code tls: {}}}
     */
    boolean isThere();

    /**
     * {@return the settings of each element of a list of maps, in order; an empty list if the key is missing}
     *
     * <p>The key of an element is its number, counted from 1: {@code connect.1.group}, or {@code
     * SOCKETFORWARDER_TCP_CONNECT_1_GROUP} in the environment.
     *
     * @param key lower-case words with dashes
     * @throws SettingException if the value is not a list of maps
     */
    List<Settings> sections(String key);

    /**
     * {@return a secret; empty if the configuration has none. The secret is the content of the file that the setting {@code
     * <key>-file} names, without a line feed at its end, or the value of the key's own environment variable}
     *
     * <p>A secret in the configuration file or on the command line is an error, since others could read it there. No output ever
     * shows a secret.
     *
     * @param key a key whose last word is {@code secret}, {@code password}, {@code passphrase}, {@code token} or {@code
     *     credentials}
     */
    Optional<String> secret(String key);

    /**
     * Make the exception for a value that has the right type but is wrong for another reason.
     *
     * @param key the key of the setting
     * @param value the wrong value, or the wrong element of a list
     * @param allowed what would be right, as in {@code "group:host:port, port 1 to 65535 or *"}
     * @return an exception for the caller to throw; its message contains the place, the key, {@code value} and {@code allowed}
     */
    SettingException invalid(String key, String value, String allowed);
}
