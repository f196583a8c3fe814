package dev.socketforwarder.transport.nats;

import java.util.List;

/**
 * Says which groups are shared: those whose name matches a pattern, in which {@code *} stands for any number of characters.
 *
 * @param patterns the setting {@code groups}
 */
record GroupPatterns(List<String> patterns) {

    boolean matches(String group) {
        return patterns.stream().anyMatch(pattern -> matches(pattern, group));
    }

    /** Compare from the left; where that fails, the last star takes one more character. So the time is bounded by the lengths' product. */
    private static boolean matches(String pattern, String name) {
        int at = 0;
        int star = -1;
        int afterStar = 0;
        int i = 0;
        while (i < name.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                afterStar = i;
            } else if (at < pattern.length() && pattern.charAt(at) == name.charAt(i)) {
                at++;
                i++;
            } else if (star >= 0) {
                at = star + 1;
                i = ++afterStar;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }
}
