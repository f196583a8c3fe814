package dev.socketforwarder.runtime.monitor;

import java.util.Map;
import java.util.OptionalInt;

/**
 * A query about the running process, or a command to it, whichever way the request came.
 *
 * @param method {@code GET} for queries, {@code POST} for commands
 * @param path words parted by slashes, as in {@code members/17/kick}
 * @param parameters decoded
 */
public record Request(String method, String path, Map<String, String> parameters) {

    /** Says that a request, or one of its parameters, cannot be what was meant. The message is for the sender. */
    public static final class BadParameterException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public BadParameterException(String message) {
            super(message);
        }
    }

    /** {@return a parameter's value; empty if the parameter is not there} */
    String text(String name) {
        return parameters.getOrDefault(name, "");
    }

    /** {@return the number in a parameter, from 0 on; empty if the parameter is not there} */
    OptionalInt number(String name) {
        var text = text(name);
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        // Integer.parseInt would also take a sign, and the digits of other scripts.
        long number = text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new BadParameterException(name + " must be a whole number from 0 to " + Integer.MAX_VALUE);
        }
        return OptionalInt.of((int) number);
    }
}
