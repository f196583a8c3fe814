package dev.socketforwarder.runtime.plugins;

import java.util.regex.Pattern;

/** A version of the API. Code built against one version runs with every later version of the same major number. */
record ApiVersion(int major, int minor) {
    private static final Pattern NUMBERS = Pattern.compile("([0-9]{1,9})(?:[.]([0-9]{1,9}))?.*");

    /** {@return the version in the text; 0.0 if the text is no version} */
    static ApiVersion of(String version) {
        var matcher = NUMBERS.matcher(version);
        if (!matcher.matches()) {
            return new ApiVersion(0, 0);
        }
        var minor = matcher.group(2);
        return new ApiVersion(Integer.parseInt(matcher.group(1)), minor == null ? 0 : Integer.parseInt(minor));
    }

    /** {@return whether a program with this version of the API runs code built against the other} */
    boolean runs(ApiVersion other) {
        return major == other.major && minor >= other.minor;
    }
}
