package dev.socketforwarder.runtime;

/**
 * Where a value of the configuration came from.
 *
 * @param place as a person would look for it: {@code conf.yaml:12}
 */
record Origin(Source source, String place) {

    /** The kinds of places, the strongest last. */
    enum Source {
        DEFAULT,
        FILE,
        ENVIRONMENT,
        COMMAND_LINE
    }

    static final Origin DEFAULT = new Origin(Source.DEFAULT, "default");

    static Origin file(String name, int line) {
        return new Origin(Source.FILE, Printable.line(name) + ":" + line);
    }

    static Origin environment(String variable) {
        return new Origin(Source.ENVIRONMENT, "environment variable " + Printable.line(variable));
    }

    static Origin commandLine(String argument) {
        return new Origin(Source.COMMAND_LINE, argument);
    }
}
