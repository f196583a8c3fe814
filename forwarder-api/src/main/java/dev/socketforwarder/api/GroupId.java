package dev.socketforwarder.api;

import java.nio.charset.StandardCharsets;

/**
 * The name of a group. Equal names denote one group, whichever transport they came through.
 *
 * @param name 1 to {@value #MAX_BYTES} bytes of UTF-8 without control characters
 * @param ofEndpoint whether the group is an endpoint's own, which no peer can name
 */
public record GroupId(String name, boolean ofEndpoint) {

    /** The longest name, in bytes of UTF-8. */
    public static final int MAX_BYTES = 256;

    /**
     * Check the name.
     *
     * @throws IllegalArgumentException if {@link #isValid} denies it
     */
    public GroupId {
        if (!isValid(name)) {
            throw new IllegalArgumentException("a group id has 1 to 256 bytes of UTF-8 and no control characters");
        }
    }

    /**
     * {@return the group that peers know by this name}
     *
     * @param name as a peer wrote it
     * @throws IllegalArgumentException if {@link #isValid} denies it
     */
    public static GroupId of(String name) {
        return new GroupId(name, false);
    }

    /**
     * {@return the own group of the endpoint with this name; UDP endpoints use it unless configuration names another group}
     *
     * @param name the endpoint's
     * @throws IllegalArgumentException if {@link #isValid} denies it
     */
    public static GroupId ofEndpoint(String name) {
        return new GroupId(name, true);
    }

    /**
     * {@return whether peers may use this name}
     *
     * @param name any text
     */
    public static boolean isValid(String name) {
        return !name.isEmpty()
                && name.length() <= MAX_BYTES
                // By code points: half of a surrogate pair stands in no UTF-8, and would be sent on as a question mark.
                && name.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE)
                && name.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }

    @Override
    public String toString() {
        return ofEndpoint ? "endpoint " + name : name;
    }
}
