package dev.socketforwarder.api;

/** Says that a setting is missing without which an endpoint cannot run. */
public final class MissingSettingException extends SettingException {
    private static final long serialVersionUID = 1L;

    /** The full key. */
    private final String key;

    /**
     * Make the exception for a key.
     *
     * @param key the full key, as {@code transports.tcp.port}
     */
    public MissingSettingException(String key) {
        super(key + " is not set");
        this.key = key;
    }

    /**
     * {@return the full key}
     */
    public String key() {
        return key;
    }
}
