package dev.socketforwarder.runtime.rules;

/**
 * A name, or a pattern of names.
 *
 * @param pattern {@code *} stands for any characters, or none; all else for itself
 */
public record Glob(String pattern) {
    private static final char STAR = '*';

    boolean isName() {
        return pattern.indexOf(STAR) < 0;
    }

    /** {@return what stands before the first star} */
    String prefix() {
        return pattern.substring(0, pattern.indexOf(STAR));
    }

    /** {@return what stands behind the last star} */
    String suffix() {
        return pattern.substring(pattern.lastIndexOf(STAR) + 1);
    }

    boolean matches(String name) {
        int star = pattern.indexOf(STAR);
        if (star < 0) {
            return pattern.equals(name);
        }
        int last = pattern.lastIndexOf(STAR);
        int end = name.length() - (pattern.length() - last - 1);
        if (end < star || !name.startsWith(pattern.substring(0, star)) || !name.startsWith(suffix(), end)) {
            return false;
        }
        // What stands between two stars is taken where it comes first: all the more is left for what follows.
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
