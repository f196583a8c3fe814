package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Gives one endpoint access to the runtime. Every method is thread-safe.
 */
@NotForImplementation
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
     * @param defaults the policies' names where the setting is missing
     * @return all policies as one: the first that does not decline decides
     * @throws SettingException if a policy is not installed, or one of its settings is wrong
     */
    Handshake handshake(List<String> defaults);

    /**
     * Read the setting {@code tls} of this endpoint. Call once, from {@link Transport#open}; the certificates are loaded
     * before the endpoint starts, and again whenever their files change.
     *
     * @return the maker of TLS engines; empty if the endpoint has no certificate and so does without TLS
     * @throws SettingException if one of its settings is wrong
     */
    Optional<Tls> tls();

    /**
     * Read the setting {@code tls} of one server that this endpoint is to dial: {@code ca}, the PEM file of the authorities that
     * may vouch for the server (those of the JDK unless it is set), and {@code server-name}, for which its certificate has to be.
     * Call from {@link Transport#open}; the file is loaded before the endpoint starts, and again whenever it changes.
     *
     * @param server the settings of that server, with {@code tls} among them or not
     * @param host the server's name or address, which {@code server-name} is unless it is set
     * @return what makes its TLS engines; empty if {@code tls} is not there
     * @throws SettingException if one of its settings is wrong
     */
    default Optional<Tls> tlsTo(Settings server, String host) {
        if (server.section("tls").isThere()) {
            throw server.invalid("tls", "", "unset: there is no TLS here");
        }
        return Optional.empty();
    }

    /**
     * {@return the counters of this endpoint; the transport counts in them what each {@link Counter} says}
     */
    Counters counters();

    /**
     * Count a refused peer, a member closed for a fault of its own, or dropped input, and log the event: once for each reason,
     * source address and minute, with the number of repetitions. Never blocks for long, and may be called for every byte that an attacker sends.
     *
     * @param reason why
     * @param source the address that the peer or input came from (the port does not matter), or the unresolved address of the
     *     server that could not be reached
     * @param detail what was wrong, in our words; empty if the reason says everything
     * @param offending the peer's bytes, from position to limit (not moved); logged escaped and cut; may be empty
     */
    void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending);

    /**
     * {@return the places of all connections of the process (setting {@code max-connections}): a transport takes one for
     * each, and refuses one that finds none with {@link Reason#TOO_MANY_CONNECTIONS}}
     */
    Places connections();

    /**
     * {@return this endpoint's own loop, always the same. Its thread begins when the endpoint starts, or at the first call after
     * that}
     */
    EndpointLoop loop();

    /**
     * Make the server of this endpoint's connections, and read its settings: {@code handshake}, {@code tls},
     * {@code allow}, {@code deny}, {@code proxy-protocol}, {@code first-message-limit}, {@code first-message-timeout}, {@code
     * max-first-messages}, {@code max-connections-per-address}, {@code accept-rate-per-address}, {@code max-read-in-size},
     * {@code half-close}, {@code idle-timeout} and {@code write-deadline}. For a transport of stream sockets; call
     * it from {@link Transport#open}, and then neither {@link #handshake} nor {@link #tls}. A second call returns the same.
     *
     * @param policies the names of the handshake policies where the setting is missing
     * @return the server of connections
     * @throws SettingException if a policy is not installed, or a setting is wrong
     */
    Streams streams(List<String> policies);

    /**
     * {@return how many threads a transport should use for work that can be spread, at least 1 (setting {@code
     * event-loops}, default: the number of processors)}
     */
    int parallelism();
}
