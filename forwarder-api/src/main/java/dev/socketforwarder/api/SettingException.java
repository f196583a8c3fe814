package dev.socketforwarder.api;

/**
 * Says that a setting is wrong. The message is one line with the place of the setting, its key, its value, and the allowed values.
 */
public class SettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Make the exception with a complete message. {@link Settings#invalid} makes an exception whose message begins with place and
     * key.
     *
     * @param message the complete message, one line
     */
    public SettingException(String message) {
        super(message);
    }
}
