package dev.socketforwarder.api;

/**
 * Says that a setting is wrong. The message is one line: the place of the setting, its key, its value, and what is allowed.
 */
public class SettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Make the exception with a complete message. {@link Settings#invalid} makes one that begins with the place and the key.
     *
     * @param message one line
     */
    public SettingException(String message) {
        super(message);
    }
}
