package dev.socketforwarder.api;

/**
 * Makes the endpoints of one kind of socket. {@link java.util.ServiceLoader} finds the transport.
 *
 * <p>The runtime makes one instance of the transport in each process, by a public constructor without arguments. Resources that the
 * endpoints of one transport share, such as event loops, belong to the transport.
 *
 * <p>{@link #open} may be called many times, once for each configured endpoint of this type. All calls come on one thread.
 */
public interface Transport {

    /**
     * {@return the name of this transport in the configuration: lower-case letters, digits and dashes}
     */
    String type();

    /**
     * {@return the kernel's protocol on which this transport's endpoints listen. A health check looks for a socket of this protocol
     * at the addresses and the port that the settings {@code host-address} and {@code port} name}
     */
    default Protocol protocol() {
        return Protocol.TCP;
    }

    /** Names the kernel's protocols that a health check distinguishes. */
    enum Protocol {
        /** The endpoints accept TCP connections. */
        TCP,
        /** The endpoints receive UDP datagrams. */
        UDP,
        /**
         * The endpoints use neither TCP nor UDP. A health check looks for a Unix domain socket at the path of the setting {@code
         * path}, or for any socket at {@code host-address} and {@code port}. If an endpoint has none of these settings, the check
         * says that it cannot know.
         */
        OTHER
    }

    /**
     * Make an endpoint from its settings.
     * <p>The call must be cheap: it reads every setting that the transport knows, opens no socket and starts no thread, since
     * {@code socketforwarder check} calls this method too.
     *
     * @param context gives the endpoint access to the runtime
     * @return the endpoint, not yet started; never null
     * @throws MissingSettingException if a setting that the endpoint needs is missing, such as its port: the runtime leaves out this
     *     endpoint, and warns of that if the configuration mentions the endpoint
     * @throws SettingException if a setting is wrong: the start fails with exit code 2
     */
    Endpoint open(TransportContext context);
}
