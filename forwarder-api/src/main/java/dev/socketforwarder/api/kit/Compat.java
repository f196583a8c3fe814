package dev.socketforwarder.api.kit;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Says which program's habits an endpoint has by default. The setting {@code compat} names a constant. */
public enum Compat {
    /** The habits of this program. */
    NONE,
    /** The habits of Kilemonn/SocketForwarder. */
    ORIGINAL;

    private static final Logger LOG = System.getLogger(Compat.class.getName());

    /**
     * {@return the value of the setting {@code compat}}
     *
     * @param settings the settings of an endpoint
     * @throws SettingException if the value is not allowed
     */
    public static Compat of(Settings settings) {
        return settings.choice("compat", NONE);
    }

    /**
     * Parse the elements of a list. An element that cannot be parsed is an error, or with {@link #ORIGINAL} left out with a
     * warning in the log.
     *
     * @param <T> what an element stands for
     * @param settings the settings of an endpoint
     * @param key the key of the list
     * @param parse makes a value of an element's text, or throws {@link SettingException}
     * @return the values, in order
     * @throws SettingException if an element cannot be parsed
     */
    public static <T> List<T> parseAll(Settings settings, String key, Function<String, T> parse) {
        var compat = of(settings);
        var values = new ArrayList<T>();
        for (var text : settings.list(key, List.of())) {
            try {
                values.add(parse.apply(text));
            } catch (SettingException e) {
                if (compat == NONE) {
                    throw e;
                }
                LOG.log(Level.WARNING, e.getMessage() + "; left out, as compat is original");
            }
        }
        return List.copyOf(values);
    }
}
