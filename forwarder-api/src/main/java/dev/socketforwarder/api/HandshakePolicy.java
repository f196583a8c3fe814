package dev.socketforwarder.api;

/**
 * Makes the handshakes of endpoints by one rule of admission. {@link java.util.ServiceLoader} finds it, and the setting {@code
 * handshake} of an endpoint names it.
 */
public interface HandshakePolicy {

    /**
     * {@return the name by which configuration asks for this policy: lower-case letters, digits and dashes}
     */
    String name();

    /**
     * Make the handshake of one endpoint. Cheap: opens nothing but files named in the settings, and starts no thread.
     *
     * @param settings the endpoint's; each policy reads its own keys
     * @return the handshake, never null
     * @throws SettingException if a setting is wrong
     */
    Handshake create(Settings settings);
}
