package dev.socketforwarder.api;

/** The setting without which an endpoint does not run is not there. */
public final class MissingSettingException extends SettingException {
    private static final long serialVersionUID = 1L;

    /** The full key. */
    private final String key;

    /**
     * Make one for a key.
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
