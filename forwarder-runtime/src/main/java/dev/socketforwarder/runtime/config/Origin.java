package dev.socketforwarder.runtime.config;

import dev.socketforwarder.runtime.text.Printable;

/**
 * Where a value of the configuration came from.
 *
 * @param place as a person would look for it: {@code conf.yaml:12}
 */
public record Origin(Source source, String place) {

    /** The kinds of places, the strongest last. */
    public enum Source {
        DEFAULT,
        FILE,
        ENVIRONMENT,
        COMMAND_LINE
    }

    public static final Origin DEFAULT = new Origin(Source.DEFAULT, "default");

    static Origin file(String name, int line) {
        return new Origin(Source.FILE, Printable.line(name) + ":" + line);
    }

    static Origin environment(String variable) {
        return new Origin(Source.ENVIRONMENT, "environment variable " + Printable.line(variable));
    }

    /** {@return the place of a value that follows from another one} */
    static Origin implied(String why) {
        return new Origin(Source.DEFAULT, why);
    }

    public static Origin commandLine(String argument) {
        return new Origin(Source.COMMAND_LINE, argument);
    }
}
