package dev.socketforwarder.api;

/**
 * A rule of admission, found by {@link java.util.ServiceLoader} and named in the setting {@code handshake} of an
 * endpoint.
 */
public interface HandshakePolicy {

    /**
     * {@return the name by which configuration asks for this policy: lower-case letters, digits and dashes}
     */
    String name();

    /**
     * Make the handshake of one endpoint. Cheap: opens nothing but files named in the settings, and starts no thread.
     *
     * @param settings those of the endpoint; each policy reads its own keys
     * @return the handshake, never null
     * @throws SettingException if one of them is wrong
     */
    Handshake create(Settings settings);
}
