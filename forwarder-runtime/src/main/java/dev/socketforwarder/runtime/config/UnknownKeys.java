package dev.socketforwarder.runtime.config;

import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Suggests what a user may have meant by a key that nobody reads.
 *
 * @param known all keys that somebody reads
 */
record UnknownKeys(Set<String> known) {

    /** {@return what to say of a setting in the file or on the command line; its value could be anything, even a secret} */
    String key(Setting setting) {
        int end = setting.key().lastIndexOf('.');
        var parent = setting.key().substring(0, end + 1);
        var siblings = new TreeSet<String>();
        for (var key : known) {
            if (key.startsWith(parent) && key.indexOf('.', parent.length()) < 0) {
                siblings.add(key.substring(parent.length()));
            }
        }
        var nearest = Keys.nearest(setting.key(), known).map(key -> "; did you mean " + key + "?");
        var allowed = siblings.isEmpty()
                ? setting.key().substring(0, Math.max(0, end)) + " is not a map"
                : "allowed "
                        + (end < 0 ? "at the top level" : "in " + setting.key().substring(0, end)) + ": "
                        + String.join(", ", siblings);
        return setting.origin().place() + ": " + setting.key() + " is unknown" + nearest.orElse("")
                + (nearest.isPresent() ? " (" + allowed + ")" : "; " + allowed);
    }

    /** {@return what to say of a variable of the environment} */
    String variable(Setting setting) {
        var key = setting.key();
        var hint = Keys.nearest(key, known)
                .filter(near -> !near.equals(Keys.TRANSPORTS))
                .or(() -> likeKeyOfEndpoint(key))
                .map(near -> "did you mean " + Keys.variable(near) + "?")
                .or(() -> endpointToMake(key))
                .orElse("\"socketforwarder config\" prints all known keys");
        return setting.origin().place() + " is unknown and ignored; " + hint;
    }

    /** {@return the key of an endpoint that this key resembles, although nothing says where the endpoint's name ends in it} */
    private Optional<String> likeKeyOfEndpoint(String key) {
        var joined = new TreeMap<String, String>();
        for (var each : known) {
            if (each.startsWith(Keys.TRANSPORTS + ".")) {
                joined.put(each.substring(Keys.TRANSPORTS.length() + 1).replace('.', '-'), each);
            }
        }
        return Keys.nearest(key, joined.keySet()).map(joined::get);
    }

    /** {@return what is missing if this would be the key of an endpoint} */
    private Optional<String> endpointToMake(String key) {
        return known.stream()
                .filter(name -> name.startsWith(Keys.TRANSPORTS + "."))
                .map(Keys::lastWord)
                .filter(word -> key.endsWith("-" + word))
                .map(word -> key.substring(0, key.length() - word.length() - 1))
                .filter(Keys::isWord)
                .min(Comparator.comparingInt(String::length))
                .map(name -> "to define endpoint " + name + ", set " + Keys.variable(Keys.ofEndpoint(name, Keys.TYPE))
                        + " too");
    }
}
