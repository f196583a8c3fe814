package dev.socketforwarder.runtime;

/**
 * A name, or a pattern of names.
 *
 * @param pattern {@code *} stands for any characters, or none; all else for itself
 */
record Glob(String pattern) {

    /** {@return whether it matches whatever another one matches} */
    boolean covers(Glob other) {
        return matches(other.pattern); // a star in the other's place can only be taken by one of ours
    }

    boolean matches(String name) {
        // A star takes as little as it can; where that fails, only the last one need take more.
        int at = 0;
        int star = -1;
        int retry = 0;
        for (int i = 0; i < name.length(); ) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                retry = i;
            } else if (at < pattern.length() && pattern.charAt(at) == name.charAt(i)) {
                at++;
                i++;
            } else if (star >= 0) {
                at = star + 1;
                i = ++retry;
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
