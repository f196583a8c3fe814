package dev.socketforwarder.api;

/**
 * Makes handshakes that follow one rule of admission. {@link java.util.ServiceLoader} finds the policy, and the setting {@code
 * handshake} of an endpoint names it.
 */
public interface HandshakePolicy {

    /**
     * {@return the name of this policy in the configuration: lower-case letters, digits and dashes}
     */
    String name();

    /**
     * Make the handshake of one endpoint. The call must be cheap: it opens no files except those that the settings name, and
     * starts no thread.
     *
     * @param settings the settings of the endpoint; each policy reads its own keys
     * @return the handshake, never null
     * @throws SettingException if a setting is wrong
     */
    Handshake create(Settings settings);
}
