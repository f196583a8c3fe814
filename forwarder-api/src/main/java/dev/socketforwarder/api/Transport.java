package dev.socketforwarder.api;

/**
 * Makes the endpoints of one kind of socket. {@link java.util.ServiceLoader} finds it.
 *
 * <p>There is one instance for each process, made by a public constructor without arguments. What the endpoints of one
 * transport share (event loops, say) belongs to it.
 *
 * <p>{@link #open} may be called many times, once for each configured endpoint of this type, on one thread.
 */
public interface Transport {

    /**
     * {@return the name by which configuration asks for this transport: lower-case letters, digits and dashes}
     */
    String type();

    /**
     * {@return the protocol of the kernel over which this transport's endpoints listen. A health check looks for a socket of this
     * protocol at the addresses and the port of the settings {@code host-address} and {@code port}}
     */
    default Protocol protocol() {
        return Protocol.TCP;
    }

    /** The protocols of the kernel, as a health check distinguishes them. */
    enum Protocol {
        /** Connections. */
        TCP,
        /** Datagrams. */
        UDP,
        /**
         * Neither. A health check looks for a Unix domain socket at the path of the setting {@code path}, or for any socket at
         * {@code host-address} and {@code port}. If an endpoint has none of these settings, the check says that it cannot know.
         */
        OTHER
    }

    /**
     * Make an endpoint from its settings.
     *
     * <p>Cheap: reads every setting it knows, and opens no socket and starts no thread, since {@code socketforwarder
     * check} calls it too.
     *
     * @param context what the runtime gives to this endpoint
     * @return the endpoint, not started; never null
     * @throws MissingSettingException if the setting without which it cannot run (its port) is not there: the endpoint
     *     is left out, and one line says so
     * @throws SettingException if a setting is wrong: the start fails with exit code 2
     */
    Endpoint open(TransportContext context);
}
