package dev.socketforwarder.api;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * What the runtime gives to one endpoint. Not for implementation by plugins. Every method is thread-safe.
 */
public interface TransportContext {

    /**
     * {@return the endpoint's name, the key under {@code transports:}}
     */
    String name();

    /**
     * {@return the endpoint's own part of the configuration}
     */
    Settings settings();

    /**
     * {@return the groups of this process, shared by all endpoints}
     */
    Groups groups();

    /**
     * Make the handshake that decides on the peers of this endpoint: the policies named by the setting {@code
     * handshake}, asked in their order. Call once, from {@link Transport#open}.
     *
     * @param defaults the policies' names where the setting is not there
     * @return the policies as one: the first that does not decline decides
     * @throws SettingException if a policy is not installed, or one of its settings is wrong
     */
    Handshake handshake(List<String> defaults);

    /**
     * Read the setting {@code tls} of this endpoint. Call once, from {@link Transport#open}; the certificates are loaded
     * before the endpoint starts, and again whenever their files change.
     *
     * @return what makes its TLS engines; empty if the endpoint has no certificate and speaks plain
     * @throws SettingException if one of its settings is wrong
     */
    default Optional<Tls> tls() {
        return Optional.empty();
    }

    /**
     * {@return the counters of this endpoint; the transport counts in them what each {@link Counter} says}
     */
    Counters counters();

    /**
     * Count a refused peer, a member closed for a fault of its own, or dropped input, and log it: once for each reason, source address and minute, with the number
     * of repetitions. Never blocks for long, and may be called for every byte that an attacker sends.
     *
     * @param reason why
     * @param source where it came from, and its port does not matter; or the server that we wanted to reach, unresolved
     * @param detail what was wrong, as text of ours; empty if the reason says it all
     * @param offending the peer's bytes, from position to limit (not moved); logged escaped and cut; may be empty
     */
    void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending);

    /**
     * {@return the places of all connections of the process (setting {@code max-connections}): a transport takes one for
     * each, and refuses one that finds none with {@link Reason#TOO_MANY_CONNECTIONS}}
     */
    default Places connections() {
        return new Places(Integer.MAX_VALUE);
    }

    /**
     * {@return this endpoint's own thread, always the same; it begins when the endpoint starts, or when it is asked for later}
     */
    default EndpointLoop loop() {
        throw new UnsupportedOperationException("no loop here");
    }

    /**
     * Make what serves this endpoint's connections, and read the settings that it needs: {@code handshake}, {@code tls},
     * {@code allow}, {@code deny}, {@code proxy-protocol}, {@code first-message-limit}, {@code first-message-timeout}, {@code
     * max-first-messages}, {@code max-connections-per-address}, {@code accept-rate-per-address}, {@code max-read-in-size},
     * {@code half-close}, {@code idle-timeout} and {@code write-deadline}. For a transport of stream sockets; call
     * it from {@link Transport#open}, and then neither {@link #handshake} nor {@link #tls}. A second call returns the same.
     *
     * @param policies the names of the handshake policies where the setting is not there
     * @return what serves them
     * @throws SettingException if a policy is not installed, or a setting is wrong
     */
    default Streams streams(List<String> policies) {
        throw new UnsupportedOperationException("no streams here");
    }

    /**
     * {@return how many threads a transport should use for work that can be spread, at least 1 (setting {@code
     * event-loops}, default: the number of processors)}
     */
    int parallelism();
}
