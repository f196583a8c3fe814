package dev.socketforwarder.api;

import java.util.Locale;

/**
 * Says why a peer was refused, a member closed, or input dropped. The log, the counters and all else use the same word.
 */
public enum Reason {
    /** A connection closed without a byte, as health checks do. */
    PROBE,
    /** The first message does not begin with the prefix. */
    WRONG_PREFIX,
    /** The group id is empty, too long, not UTF-8, or has control characters. */
    BAD_GROUP_ID,
    /** The first message did not end within its limit of bytes. */
    FIRST_MESSAGE_TOO_LONG,
    /** The first message did not end within its limit of time. */
    FIRST_MESSAGE_TIMEOUT,
    /** The connection ended inside the first message. */
    FIRST_MESSAGE_INCOMPLETE,
    /** Its address is in {@code deny}, or not in {@code allow}. */
    DENIED_ADDRESS,
    /** The process has as many connections as it may have ({@code max-connections}). */
    TOO_MANY_CONNECTIONS,
    /** The endpoint awaits as many first messages as it may ({@code max-first-messages}). */
    TOO_MANY_FIRST_MESSAGES,
    /** Its address has as many connections, or registrations, as it may have ({@code max-connections-per-address}). */
    TOO_MANY_FROM_ADDRESS,
    /** Its address connects faster than it may ({@code accept-rate-per-address}). */
    ACCEPT_RATE,
    /** The process has as many groups as it may have ({@code max-groups}). */
    TOO_MANY_GROUPS,
    /** The group has as many members as it may have ({@code max-group-members}). */
    TOO_MANY_MEMBERS,
    /** Its token is wrong, malformed, or has expired. */
    BAD_TOKEN,
    /** A trusted proxy's connection does not begin with its header. */
    PROXY_HEADER_MISSING,
    /** A proxy's header came from an address that is no trusted proxy's. */
    PROXY_HEADER_UNEXPECTED,
    /** A trusted proxy's header is malformed or incomplete. */
    BAD_PROXY_HEADER,
    /** No handshake policy admits this peer. */
    NOT_ADMITTED,
    /** A handshake policy threw. */
    HANDSHAKE_FAILED,
    /** A peer of a TLS endpoint does not speak TLS. */
    NOT_TLS,
    /** A peer of an endpoint without TLS begins a TLS handshake. */
    UNEXPECTED_TLS,
    /** The TLS handshake failed: no common version or cipher, a certificate that is missing or not trusted. */
    TLS_HANDSHAKE_FAILED,
    /** The TLS handshake did not end within the first message's limit of time. */
    TLS_HANDSHAKE_TIMEOUT,
    /** A member's TLS connection broke its rules: a forged record, say, or an attempt to negotiate again. */
    TLS_FAILED,
    /** The process may hold no more bytes of unfinished TLS records. */
    TLS_BUFFERS_FULL,

    /** The peer closed its connection (FIN). */
    PEER_CLOSED,
    /** The peer reset its connection (RST), or the network failed. */
    PEER_RESET,
    /** A full member took less than {@code min-drain} within {@code stall-timeout}. */
    STALLED,
    /** Nothing went either way within {@code idle-timeout}. */
    IDLE,
    /** A member took nothing of what waited for it within {@code write-deadline}. */
    WRITE_DEADLINE,
    /** A member became full, where {@code slow-member} is {@code disconnect}. */
    TOO_SLOW,
    /** A sender's message is larger than {@code max-message-size}. */
    MESSAGE_TOO_LARGE,
    /** What was queued for a peer that had closed its side could not be flushed in time. */
    FLUSH_TIMEOUT,
    /** The process may hold no more queued bytes ({@code max-queued}): a member closed, or a message left out for one. */
    OUT_OF_QUEUE,
    /** The forwarder stops. */
    STOPPED,
    /** An operator closed the member (command {@code kick}). */
    KICKED,
    /** An error of ours, logged with its trace. */
    INTERNAL_ERROR,
    /** Accepting a connection failed: no descriptors, say. */
    ACCEPT_FAILED,
    /** An address of a server did not answer, or its name is unknown (setting {@code connect}). */
    CONNECT_FAILED,

    /** A message left out for a member that is full: its sender cannot be paused, or {@code slow-member} is {@code drop}. */
    MEMBER_FULL,
    /** A message left out for all members of one owner, whose thread does not keep up. */
    OWNER_FULL,
    /** A message left out for a member whose form it does not fit: it contains the delimiter, or is too long. */
    UNFRAMEABLE,
    /** A message that its sender did not finish before it left, or within {@code message-timeout}. */
    MESSAGE_INCOMPLETE,
    /** A byte that a member of a stream had sent, and that was thrown away unread since the forwarder stopped. */
    UNREAD,
    /** A datagram above {@code max-read-in-size}. */
    OVERSIZED,
    /** A datagram that the kernel would not send to one member. */
    SEND_FAILED,
    /** The network said that a datagram did not reach its member (ICMP). */
    UNREACHABLE,
    /** Datagrams that the kernel dropped, since the socket's receive buffer was full. */
    RECEIVE_OVERFLOW,
    /** A registration whose port is not a number from 1 to 65535. */
    BAD_PORT,
    /** A registration of multicast, broadcast, or an address of the forwarder itself. */
    FORBIDDEN_TARGET,
    /** The endpoint has as many registrations as it may have. */
    TOO_MANY_REGISTRATIONS,
    /** Registrations come faster than they may ({@code registration-rate}). */
    REGISTRATION_RATE,
    /** A datagram of a sender that sends more of them a second than it may ({@code sender-rate}). */
    SENDER_RATE,
    /** A registration whose cookie is not the one that was sent to its address, or too old. */
    BAD_COOKIE,
    /** A datagram of a sender that is not registered, where {@code sender-policy} is {@code registered}. */
    UNREGISTERED_SENDER,
    /** A datagram that goes round among forwarders which are registered at each other. */
    FORWARDING_LOOP,
    /** A datagram that another forwarder would take for its own, a cookie or a registration: it goes to no member. */
    REFLECTION,
    /** A datagram that asks to end a registration which is not there, or which configuration made. */
    NOT_REGISTERED,
    /** A member of whom the network said so often that it cannot be reached ({@code unreachable: remove}). */
    MEMBER_UNREACHABLE,
    /** A preconfigured member whose name stands for other addresses now. */
    MOVED,
    /** A registration whose own host ended it. */
    LEFT,
    /** A registration that nobody refreshed within {@code lease}. */
    LEASE_EXPIRED;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /**
     * {@return the word for this reason, lower-case with dashes}
     */
    public String label() {
        return label;
    }

    /**
     * {@return whether a member closed for this reason is itself at fault: it did not take what was queued for it, or sent what it
     * must not. An operator is told, since the member lost something}
     */
    public boolean isMembersFault() {
        return switch (this) {
            case STALLED, TOO_SLOW, MESSAGE_TOO_LARGE, FLUSH_TIMEOUT, WRITE_DEADLINE, OUT_OF_QUEUE -> true;
            default -> false;
        };
    }

    @Override
    public String toString() {
        return label;
    }
}
