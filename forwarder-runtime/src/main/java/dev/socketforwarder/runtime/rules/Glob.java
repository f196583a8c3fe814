package dev.socketforwarder.runtime.rules;

/**
 * A name, or a pattern of names.
 *
 * @param pattern the text, in which {@code *} stands for any number of characters and every other character for itself
 */
public record Glob(String pattern) {
    private static final char STAR = '*';

    boolean isName() {
        return pattern.indexOf(STAR) < 0;
    }

    /** {@return the text before the first star} */
    String prefix() {
        return pattern.substring(0, pattern.indexOf(STAR));
    }

    /** {@return the text after the last star} */
    String suffix() {
        return pattern.substring(pattern.lastIndexOf(STAR) + 1);
    }

    /** {@return whether the whole name is this name, or matches this pattern} */
    public boolean matches(String name) {
        int star = pattern.indexOf(STAR);
        if (star < 0) {
            return pattern.equals(name);
        }
        int last = pattern.lastIndexOf(STAR);
        int end = name.length() - (pattern.length() - last - 1);
        if (end < star || !name.startsWith(pattern.substring(0, star)) || !name.startsWith(suffix(), end)) {
            return false;
        }
        // The text between two stars matches at its first occurrence, which leaves the most for the text after it.
        int at = star;
        while (star < last) {
            int next = pattern.indexOf(STAR, star + 1);
            var piece = pattern.substring(star + 1, next);
            int found = name.indexOf(piece, at);
            if (found < 0 || found + piece.length() > end) {
                return false;
            }
            at = found + piece.length();
            star = next;
        }
        return true;
    }
}
