package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Gives typed access to one part of the configuration, whichever source a value came from (command line, environment, YAML
 * file).
 *
 * <p>Each method takes the key with its default and its limits. Every key read is remembered. A key in the configuration that
 * nobody has read is an error that names file and line; so read all keys that you know, each time, in
 * {@link Transport#open}. Keys are lower-case words with dashes. The keys {@code host-address}, {@code
 * new-client-prefix}, {@code max-read-in-size}, {@code first-message}, {@code allow}, {@code deny}, those of the tokens'
 * secrets, and those of groups, are looked up at the top level where the endpoint does not set them.
 *
 * <p>Every method throws {@link SettingException} if the value does not fit. For use on one thread.
 */
@NotForImplementation
public interface Settings {

    /**
     * {@return a text, at most 4,096 characters}
     *
     * @param key lower-case words with dashes
     * @param fallback the value where the key is missing
     * @throws SettingException if the value does not fit
     */
    String text(String key, String fallback);

    /**
     * {@return {@code true} or {@code false}}
     *
     * @param key lower-case words with dashes
     * @param fallback the value where the key is missing
     * @throws SettingException if the value does not fit
     */
    boolean flag(String key, boolean fallback);

    /**
     * {@return a whole number from {@code min} to {@code max}}
     *
     * @param key lower-case words with dashes
     * @param fallback the value where the key is missing
     * @param min the least that is allowed
     * @param max the most that is allowed
     * @throws SettingException if the value does not fit
     */
    int number(String key, int fallback, int min, int max);

    /**
     * {@return a whole number from {@code min} to {@code max}}
     *
     * @param key lower-case words with dashes
     * @param min the least that is allowed
     * @param max the most that is allowed
     * @throws MissingSettingException if the key is missing
     * @throws SettingException if the value does not fit
     */
    int required(String key, int min, int max);

    /**
     * {@return a text of at least one character}
     *
     * @param key lower-case words with dashes
     * @throws MissingSettingException if the key is missing, or its text is empty
     * @throws SettingException if the value does not fit
     */
    String requiredText(String key);

    /**
     * {@return a number of bytes from {@code min} to {@code max}, written as {@code 65536}, {@code 64KiB}, {@code 1MiB}}
     *
     * @param key lower-case words with dashes
     * @param fallback the value where the key is missing
     * @param min the least that is allowed
     * @param max the most that is allowed
     * @throws SettingException if the value does not fit
     */
    long size(String key, long fallback, long min, long max);

    /**
     * {@return a time from {@code min} to {@code max}, written as {@code 500ms}, {@code 5s}, {@code 2m}, {@code 1h}; a bare
     * number counts seconds}
     *
     * @param key lower-case words with dashes
     * @param fallback the value where the key is missing
     * @param min the least that is allowed
     * @param max the most that is allowed
     * @throws SettingException if the value does not fit
     */
    Duration duration(String key, Duration fallback, Duration min, Duration max);

    /**
     * {@return one of the constants of an enum, written in lower case with dashes}
     *
     * @param <E> the enum
     * @param key lower-case words with dashes
     * @param fallback the value where the key is missing; its enum has all that are allowed
     * @throws SettingException if the value does not fit
     */
    <E extends Enum<E>> E choice(String key, E fallback);

    /**
     * {@return a list of texts; a single text is a list of one, and in the environment commas part the elements}
     *
     * @param key lower-case words with dashes
     * @param fallback the value where the key is missing
     * @throws SettingException if the value does not fit
     */
    List<String> list(String key, List<String> fallback);

    /**
     * {@return the settings under a key whose value is a map; empty settings if the key is missing}
     *
     * @param key lower-case words with dashes
     * @throws SettingException if the value is no map
     */
    Settings section(String key);

    /**
     * {@return whether the configuration has this section at all, even an empty one such as {@code tls: {}}}
     */
    boolean isThere();

    /**
     * {@return the settings of each element of a list of maps, in order; none if the key is missing}
     *
     * <p>The key of an element is its number, from 1 on: {@code connect.1.group}, in the environment {@code
     * SOCKETFORWARDER_TCP_CONNECT_1_GROUP}.
     *
     * @param key lower-case words with dashes
     * @throws SettingException if the value is no list of maps
     */
    List<Settings> sections(String key);

    /**
     * {@return a secret: the content of the file that the key {@code <key>-file} names, without a line feed at its end, or
     * the key's own variable of the environment; empty if there is neither}
     *
     * <p>A secret in the configuration file or on the command line, where others could read it, is an error. A secret is never
     * shown.
     *
     * @param key its last word is {@code secret}, {@code password}, {@code passphrase}, {@code token} or {@code credentials}
     */
    Optional<String> secret(String key);

    /**
     * Make the exception for a value that fits its type but is wrong all the same.
     *
     * @param key the one that was read
     * @param value the value, or the element of a list, that is wrong
     * @param allowed what would be right, as in {@code "group:host:port, port 1 to 65535 or *"}
     * @return an exception whose message has the place, the key, {@code value} and {@code allowed}; for the caller to throw
     */
    SettingException invalid(String key, String value, String allowed);
}
