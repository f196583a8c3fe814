package dev.socketforwarder.api;

import java.util.Locale;

/**
 * Says why a peer was refused, a member was closed, or input was dropped. The log and the counters use the same word for a reason.
 */
public enum Reason {
    /** The peer closed its connection without sending a byte, as health checks do. */
    PROBE,
    /** The first message does not begin with the prefix. */
    WRONG_PREFIX,
    /** The group id is empty, too long, not UTF-8, or contains control characters. */
    BAD_GROUP_ID,
    /** The first message was longer than its limit in bytes. */
    FIRST_MESSAGE_TOO_LONG,
    /** The first message was not complete within its time limit. */
    FIRST_MESSAGE_TIMEOUT,
    /** The connection ended inside the first message. */
    FIRST_MESSAGE_INCOMPLETE,
    /** The peer's address is in {@code deny}, or not in {@code allow}. */
    DENIED_ADDRESS,
    /** The process has reached its limit of connections ({@code max-connections}). */
    TOO_MANY_CONNECTIONS,
    /** The endpoint has reached its limit of peers whose first message is incomplete ({@code max-first-messages}). */
    TOO_MANY_FIRST_MESSAGES,
    /**
     * The peer's address has reached its limit of connections ({@code max-connections-per-address}) or of registrations ({@code
     * max-registrations-per-address}).
     */
    TOO_MANY_FROM_ADDRESS,
    /** The peer's address exceeds its rate of new connections ({@code accept-rate-per-address}). */
    ACCEPT_RATE,
    /** The process has reached its limit of groups ({@code max-groups}). */
    TOO_MANY_GROUPS,
    /** The group has reached its limit of members ({@code max-group-members}). */
    TOO_MANY_MEMBERS,
    /** The peer's token is wrong, malformed or expired. */
    BAD_TOKEN,
    /** A connection from a trusted proxy does not begin with a PROXY header. */
    PROXY_HEADER_MISSING,
    /** A PROXY header came from an address that does not belong to a trusted proxy. */
    PROXY_HEADER_UNEXPECTED,
    /** The PROXY header of a trusted proxy is malformed or incomplete. */
    BAD_PROXY_HEADER,
    /** No handshake policy admits this peer. */
    NOT_ADMITTED,
    /** A handshake policy threw an exception. */
    HANDSHAKE_FAILED,
    /** A peer of a TLS endpoint does not speak TLS. */
    NOT_TLS,
    /** A peer of an endpoint without TLS began a TLS handshake. */
    UNEXPECTED_TLS,
    /** The TLS handshake failed: there is no common version or cipher, or a certificate is missing or not trusted. */
    TLS_HANDSHAKE_FAILED,
    /** The TLS handshake was not complete within the time limit of the first message. */
    TLS_HANDSHAKE_TIMEOUT,
    /** A member violated the TLS protocol after the handshake, for example by a forged record or an attempt to renegotiate. */
    TLS_FAILED,
    /** The process has reached its limit of bytes for unfinished TLS records. */
    TLS_BUFFERS_FULL,

    /** The peer closed its connection (FIN). */
    PEER_CLOSED,
    /** The peer reset its connection (RST), or the network failed. */
    PEER_RESET,
    /** A full member took less than {@code min-drain} within {@code stall-timeout}. */
    STALLED,
    /** No data went in either direction within {@code idle-timeout}. */
    IDLE,
    /** A member took none of its queued bytes within {@code write-deadline}. */
    WRITE_DEADLINE,
    /** A member became full in a group whose {@code slow-member} is {@code disconnect}. */
    TOO_SLOW,
    /** A sender's message is larger than {@code max-message-size}. */
    MESSAGE_TOO_LARGE,
    /** A peer sent something that its protocol does not allow, by the word of the plugin that speaks the protocol. */
    PROTOCOL_ERROR,
    /** A peer had closed its side, and the bytes queued for this peer could not be flushed in time. */
    FLUSH_TIMEOUT,
    /** The process has reached its limit of queued bytes ({@code max-queued}): it closed a member, or omitted a message for one. */
    OUT_OF_QUEUE,
    /** The forwarder is stopping. */
    STOPPED,
    /** An operator closed the member (command {@code kick}). */
    KICKED,
    /** The forwarder, or a plugin, failed by a bug. The log has the stack trace. */
    INTERNAL_ERROR,
    /** Accepting a connection failed, for example since the process has no file descriptor left. */
    ACCEPT_FAILED,
    /** An address of a server did not answer, or the server's name cannot be resolved (setting {@code connect}). */
    CONNECT_FAILED,

    /** A full member missed a message: the sender cannot be paused, or {@code slow-member} is {@code drop}. */
    MEMBER_FULL,
    /** All members of one owner missed a message, since the owner's thread does not keep up. */
    OWNER_FULL,
    /** A member missed a message that does not fit the member's form: the message contains the delimiter, or is too long. */
    UNFRAMEABLE,
    /** A sender left before its message was complete, or did not complete the message within {@code message-timeout}. */
    MESSAGE_INCOMPLETE,
    /** The forwarder stopped and discarded a byte that a member of a stream had sent and the forwarder had not read. */
    UNREAD,
    /** A datagram is larger than {@code max-read-in-size}. */
    OVERSIZED,
    /** The kernel refused to send a datagram to one member. */
    SEND_FAILED,
    /** The network reported by ICMP that a datagram did not reach its member. */
    UNREACHABLE,
    /** The kernel dropped datagrams, since the receive buffer of the socket was full. */
    RECEIVE_OVERFLOW,
    /** A registration names a port that is not a number from 1 to 65535. */
    BAD_PORT,
    /** A registration asks for a multicast or broadcast address, or for an address of the forwarder itself. */
    FORBIDDEN_TARGET,
    /** The endpoint has reached its limit of registrations. */
    TOO_MANY_REGISTRATIONS,
    /** Registrations exceed their rate ({@code registration-rate}). */
    REGISTRATION_RATE,
    /** A datagram's sender exceeds its rate of datagrams ({@code sender-rate}). */
    SENDER_RATE,
    /** A registration has a cookie that is too old, or not the one that was sent to its address. */
    BAD_COOKIE,
    /** A datagram's sender is not registered, and {@code sender-policy} is {@code registered}. */
    UNREGISTERED_SENDER,
    /** A message circulates among forwarders, or comes by more forwarders than is allowed. */
    FORWARDING_LOOP,
    /** A datagram is a cookie or a registration, which another forwarder would act on. The datagram goes to no member. */
    REFLECTION,
    /** A datagram asks to end a registration that does not exist, or that comes from the configuration. */
    NOT_REGISTERED,
    /** The network reported too often that a member cannot be reached ({@code unreachable: remove}). */
    MEMBER_UNREACHABLE,
    /** The name of a preconfigured member resolves to other addresses now, or the configuration names the member no more. */
    MOVED,
    /** A message that another forwarder sent through a bridge never arrived: there is a gap in the numbers of what came. */
    LOST_UPSTREAM,
    /** A bridge dropped the oldest message that it had not sent, since its queue was full. The servers may be away. */
    UPSTREAM_FULL,
    /** A bridge dropped a message that is larger than the servers allow. */
    UPSTREAM_TOO_LARGE,
    /** A bridge dropped what it received, since it is no message of a forwarder: it is malformed, or larger than is allowed. */
    UPSTREAM_INVALID,
    /** A bridge dropped a message of another forwarder, which uses another framing for this group. */
    FRAMING_MISMATCH,
    /** The registered host itself ended a registration. */
    LEFT,
    /** A registration was not refreshed within {@code lease}. */
    LEASE_EXPIRED;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /**
     * {@return the word for this reason, in lower case with dashes}
     */
    public String label() {
        return label;
    }

    /**
     * {@return whether a member that is closed for this reason is at fault: the member did not take the bytes queued for it, or
     * sent something that is not allowed. Such a close is reported to the operator, since the member lost data}
     */
    public boolean isMembersFault() {
        return switch (this) {
            case STALLED, TOO_SLOW, MESSAGE_TOO_LARGE, PROTOCOL_ERROR, FLUSH_TIMEOUT, WRITE_DEADLINE, OUT_OF_QUEUE ->
                true;
            default -> false;
        };
    }

    @Override
    public String toString() {
        return label;
    }
}
