package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import java.net.InetSocketAddress;
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
     * {@return the endpoint's name, which is its key under {@code transports:} in the configuration}
     */
    String name();

    /**
     * {@return the endpoint's part of the configuration}
     */
    Settings settings();

    /**
     * {@return the groups of this process, shared by all endpoints}
     */
    Groups groups();

    /**
     * Make the handshake that decides about the peers of this endpoint. The setting {@code handshake} names its policies, which
     * are asked in that order. Call this method once, from {@link Transport#open}.
     *
     * @param defaults the names of the policies if the setting is missing
     * @return one handshake made of all policies: the first policy that does not decline decides
     * @throws SettingException if a policy is not installed, or a setting of a policy is wrong
     */
    Handshake handshake(List<String> defaults);

    /**
     * Read the setting {@code tls} of this endpoint. Call this method once, from {@link Transport#open}. The runtime loads the
     * certificates before the endpoint starts, and again whenever their files change.
     *
     * @return the maker of TLS engines; empty if the endpoint has no certificate, and so uses no TLS
     * @throws SettingException if a setting of {@code tls} is wrong
     */
    Optional<Tls> tls();

    /**
     * Read the setting {@code tls} of one server that this endpoint will dial. Its key {@code ca} names the PEM file with the
     * authorities that may vouch for the server; the default is the authorities of the JDK. Its key {@code server-name} is the
     * name that the server's certificate must be valid for. Call this method from {@link Transport#open}. The runtime loads the
     * file before the endpoint starts, and again whenever the file changes.
     *
     * @param server the settings of that server, with or without {@code tls}
     * @param host the server's name or address, which is the default of {@code server-name}
     * @return the maker of TLS engines for the server; empty if {@code tls} is missing
     * @throws SettingException if a setting of {@code tls} is wrong
     */
    Optional<Tls> tlsTo(Settings server, String host);

    /**
     * {@return the counters of this endpoint; the transport counts every event that a {@link Counter} describes}
     */
    Counters counters();

    /**
     * Count and log an event: a peer was refused, a member was closed for its own fault, or input was dropped. The log gets one
     * line a minute for each reason and source address, with the number of repetitions. The call never blocks for long, so that a
     * transport may make the call for every byte of an attacker.
     *
     * @param reason why
     * @param source the address of the peer or of the input, whose port does not matter; or the unresolved address of the server
     *     that could not be reached
     * @param detail what was wrong, in the transport's own words; empty if the reason says everything
     * @param offending the peer's bytes, from position to limit, which stay unchanged; logged escaped and shortened; may be empty
     */
    void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending);

    /**
     * {@return the places for all connections of the process (setting {@code max-connections}). A transport takes a place for each
     * connection, and refuses a connection with {@link Reason#TOO_MANY_CONNECTIONS} if no place is free}
     */
    Places connections();

    /**
     * {@return the loop of this endpoint, the same at every call. If this method is called before the endpoint starts, the loop's
     * thread starts with the endpoint; otherwise, the thread starts at the first call}
     */
    EndpointLoop loop();

    /**
     * Make the streams, which serve this endpoint's connections, and read their settings: {@code handshake}, {@code tls}, {@code
     * allow}, {@code deny}, {@code proxy-protocol}, {@code first-message-limit}, {@code first-message-timeout}, {@code
     * max-first-messages}, {@code max-connections-per-address}, {@code accept-rate-per-address}, {@code max-read-in-size}, {@code
     * half-close}, {@code idle-timeout}, {@code write-deadline} and {@code send-buffer}. A transport of stream sockets calls this
     * method from {@link Transport#open}, and calls neither {@link #handshake} nor {@link #tls}. A second call returns the same
     * streams.
     *
     * @param policies the names of the handshake policies if the setting {@code handshake} is missing
     * @return the streams of this endpoint
     * @throws SettingException if a policy is not installed, or a setting is wrong
     */
    Streams streams(List<String> policies);

    /**
     * Make the streams as {@link #streams(List)} does, with a codec for each connection of the endpoint's listeners, and for each that
     * {@link Streams#serve} takes. Connections of {@link Streams#join} and {@link Streams#dial} have no codec.
     *
     * @param policies the names of the handshake policies if the setting {@code handshake} is missing
     * @param codecs makes the codecs
     * @return the streams of this endpoint
     * @throws SettingException if a policy is not installed, or a setting is wrong
     */
    Streams streams(List<String> policies, Codec.Factory codecs);

    /**
     * {@return how many threads a transport should use for work that can be divided among threads, at least 1 (setting {@code
     * event-loops}, by default the number of processors)}
     */
    int parallelism();

    /**
     * Find the sockets that the service manager has bound for this endpoint. A transport calls this method in {@link
     * Endpoint#start}. The transport uses these sockets, and binds only those addresses that none of them {@link
     * InheritedSocket#replaces replaces}.
     *
     * @param protocol the protocol of the sockets
     * @param configured the addresses that the endpoint would bind
     * @return the sockets with the endpoint's name, which replace all addresses; if no socket has that name, the sockets that are
     *     bound to one of the addresses; mostly empty
     */
    List<InheritedSocket> inheritedSockets(Transport.Protocol protocol, List<InetSocketAddress> configured);

    /**
     * Keep some bytes for the next endpoint of this name, which gets them from {@link #takeState}. The bytes outlive a restart of
     * the process if the process has a folder for its state (setting {@code state-directory}). A transport calls this method in
     * {@link Endpoint#stop}. A failure is logged, and costs only these bytes.
     *
     * @param state the bytes, in a format of the transport's own; they replace those of an earlier call
     */
    void saveState(byte[] state);

    /**
     * Take what an earlier endpoint of this name has left with {@link #saveState}. A transport calls this method in {@link
     * Endpoint#start}.
     *
     * @return the bytes, only once; empty if there are none. Bytes that come from a file may be damaged
     */
    Optional<byte[]> takeState();
}
