package dev.socketforwarder.runtime.plugins;

import java.util.regex.Pattern;

/** A version of the API: what was built against one runs with every later one of the same major number. */
record ApiVersion(int major, int minor) {
    private static final Pattern NUMBERS = Pattern.compile("([0-9]{1,9})(?:[.]([0-9]{1,9}))?.*");

    /** {@return what the text says; 0.0 if it is no version} */
    static ApiVersion of(String version) {
        var matcher = NUMBERS.matcher(version);
        if (!matcher.matches()) {
            return new ApiVersion(0, 0);
        }
        var minor = matcher.group(2);
        return new ApiVersion(Integer.parseInt(matcher.group(1)), minor == null ? 0 : Integer.parseInt(minor));
    }

    /** {@return whether a program with this version runs what was built against the other} */
    boolean runs(ApiVersion other) {
        return major == other.major && minor >= other.minor;
    }
}
