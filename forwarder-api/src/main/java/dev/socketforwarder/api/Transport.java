package dev.socketforwarder.api;

/**
 * A kind of socket that the forwarder can listen on, found by {@link java.util.ServiceLoader}.
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
     * {@return over which protocol of the kernel its endpoints listen, at the addresses and the port that the settings
     * {@code host-address} and {@code port} tell; a health check looks there}
     */
    default Protocol protocol() {
        return Protocol.TCP;
    }

    /** A protocol of the kernel. */
    enum Protocol {
        /** Connections. */
        TCP,
        /** Datagrams. */
        UDP,
        /**
         * Neither, as a Unix domain socket: a health check looks for one at the path that the setting {@code path} tells, or
         * for any socket at the settings {@code host-address} and {@code port}; where an endpoint has neither of them it says
         * that it cannot know.
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
