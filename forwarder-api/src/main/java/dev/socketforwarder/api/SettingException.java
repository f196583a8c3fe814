package dev.socketforwarder.api;

/**
 * A setting is wrong. Its message is one line: where it stands, its key, the value, and what is allowed.
 */
public class SettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Make one with a complete message; {@link Settings#invalid} puts the place and the key in front.
     *
     * @param message one line
     */
    public SettingException(String message) {
        super(message);
    }
}
