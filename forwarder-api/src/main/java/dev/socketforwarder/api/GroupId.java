package dev.socketforwarder.api;

import java.nio.charset.StandardCharsets;

/**
 * Names a group. Equal ids denote the same group, whichever transports their members use.
 *
 * @param name 1 to {@value #MAX_BYTES} bytes of UTF-8 without control characters
 * @param ofEndpoint whether the group belongs to an endpoint, so that no peer can name the group
 */
public record GroupId(String name, boolean ofEndpoint) {

    /** The longest name, in bytes of UTF-8. */
    public static final int MAX_BYTES = 256;

    /**
     * Check the name.
     *
     * @throws IllegalArgumentException if {@link #isValid} is false for the name
     */
    public GroupId {
        if (!isValid(name)) {
            throw new IllegalArgumentException("a group id has 1 to 256 bytes of UTF-8 and no control characters");
        }
    }

    /**
     * {@return the group that peers name by this text}
     *
     * @param name the name as a peer wrote it
     * @throws IllegalArgumentException if {@link #isValid} is false for the name
     */
    public static GroupId of(String name) {
        return new GroupId(name, false);
    }

    /**
     * {@return the group that belongs to the endpoint with this name. A UDP endpoint uses its own group unless the configuration
     * names another one}
     *
     * @param name the endpoint's name
     * @throws IllegalArgumentException if {@link #isValid} is false for the name
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
                // By code points: UTF-8 cannot encode half of a surrogate pair, and the encoder would replace it by a
                // question mark.
                && name.codePoints()
                        .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE)
                && name.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
    }

    @Override
    public String toString() {
        return ofEndpoint ? "endpoint " + name : name;
    }
}
