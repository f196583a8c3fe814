package dev.socketforwarder.api;

/** Says that an endpoint cannot run since a required setting is missing. */
public final class MissingSettingException extends SettingException {
    private static final long serialVersionUID = 1L;

    /** The full key of the missing setting. */
    private final String key;

    /**
     * Make the exception for a key.
     *
     * @param key the full key, such as {@code transports.tcp.port}
     */
    public MissingSettingException(String key) {
        super(key + " is not set");
        this.key = key;
    }

    /**
     * {@return the full key of the missing setting}
     */
    public String key() {
        return key;
    }
}
