package dev.socketforwarder.api.kit;

/**
 * A name, or a pattern of names, as the settings of groups have them.
 *
 * @param pattern the text, in which {@code *} stands for any number of characters and every other character for itself
 */
public record Glob(String pattern) {
    private static final char STAR = '*';

    /** {@return whether the whole name is this name, or matches this pattern; the time is bounded by the product of the lengths}
     *
     * @param name the name
     */
    public boolean matches(String name) {
        int star = pattern.indexOf(STAR);
        if (star < 0) {
            return pattern.equals(name);
        }
        int last = pattern.lastIndexOf(STAR);
        int suffix = pattern.length() - last - 1;
        int end = name.length() - suffix;
        if (end < star || !name.startsWith(pattern.substring(0, star)) || !name.endsWith(pattern.substring(last + 1))) {
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
