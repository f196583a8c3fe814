package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Reason;

/** Says what to do about a refusal or a closing, in one sentence for each reason. */
final class Remedies {
    private Remedies() {}

    /** {@return what an operator can do; empty if there is nothing to do} */
    static String of(Reason reason) {
        return switch (reason) {
            case WRONG_PREFIX ->
                "Make the client begin with the prefix that the endpoint expects, or set new-client-prefix to the client's.";
            case BAD_GROUP_ID -> "Make the client name a group of 1 to 256 bytes of UTF-8 without control characters.";
            case FIRST_MESSAGE_TOO_LONG ->
                "Make the client end its first message by a line feed, or raise first-message-limit.";
            case FIRST_MESSAGE_TIMEOUT, FIRST_MESSAGE_INCOMPLETE ->
                "Make the client send its first message at once, with a line feed where first-message is line; or raise"
                        + " first-message-timeout.";
            case DENIED_ADDRESS -> "If the client belongs here, add its address to allow or take it out of deny.";
            case TOO_MANY_CONNECTIONS -> "Raise max-connections, and the limit of open files if that is lower.";
            case TOO_MANY_FIRST_MESSAGES ->
                "Find out who connects without a first message; or raise max-first-messages.";
            case TOO_MANY_FROM_ADDRESS -> "Find out why one address has so many; or raise max-connections-per-address.";
            case ACCEPT_RATE -> "Make the client wait before it connects again; or raise accept-rate-per-address.";
            case TOO_MANY_GROUPS -> "Raise max-groups, or find out which client makes so many.";
            case TOO_MANY_MEMBERS -> "Raise max-group-members for this group.";
            case BAD_COOKIE -> "Make the client register with the cookie that came last, within 30 s.";
            case BAD_TOKEN ->
                "Give the client a fresh token (socketforwarder token), and compare the clocks of both machines.";
            case PROXY_HEADER_MISSING ->
                "Make the proxy send PROXY headers, or take its address out of proxy-protocol.";
            case PROXY_HEADER_UNEXPECTED -> "Add the proxy's address to proxy-protocol, if it is one.";
            case BAD_PROXY_HEADER -> "Check the proxy: it must send a PROXY header of version 1 or 2.";
            case NOT_ADMITTED -> "Check the setting handshake of the endpoint: none of its policies admits this peer.";
            case HANDSHAKE_FAILED -> "Look into the log, which says why a handshake policy failed.";
            case NOT_TLS -> "Make the client use TLS, or use an endpoint without TLS.";
            case UNEXPECTED_TLS -> "Give the endpoint a certificate (tls), or make the client connect without TLS.";
            case TLS_HANDSHAKE_FAILED, TLS_HANDSHAKE_TIMEOUT, TLS_FAILED ->
                "Compare versions, certificates and authorities on both sides (openssl s_client shows them).";
            case STALLED, WRITE_DEADLINE, TOO_SLOW, FLUSH_TIMEOUT, MEMBER_FULL ->
                "The member takes less than is sent to it: look at the client and its link, send less, or set slow-member,"
                        + " high-water, min-drain or stall-timeout for its group.";
            case OUT_OF_QUEUE, TLS_BUFFERS_FULL ->
                "Members lag by more than max-queued in all: look at the slowest, or raise max-queued.";
            case OWNER_FULL -> "The endpoint that serves these members does not keep up: look at its plugin.";
            case PROTOCOL_ERROR ->
                "The peer, or a proxy in between, breaks the protocol of the endpoint: the log's detail says how.";
            case MESSAGE_TOO_LARGE -> "Raise max-message-size for the group, or make the sender send smaller messages.";
            case MESSAGE_INCOMPLETE -> "Make the sender finish its messages as the group's framing says.";
            case UNFRAMEABLE -> "Choose a framing that can carry every message, such as length-prefixed.";
            case OVERSIZED -> "Raise max-read-in-size, or make the sender send smaller datagrams.";
            case SEND_FAILED, UNREACHABLE, MEMBER_UNREACHABLE ->
                "Check whether the member still listens there, and whether a firewall or the route's MTU is in the way.";
            case RECEIVE_OVERFLOW -> "Raise receive-buffer and net.core.rmem_max, or set sockets above 1.";
            case BAD_PORT -> "Make the client send the prefix and its port number, 1 to 65535.";
            case FORBIDDEN_TARGET -> "Register an address that is neither multicast nor the forwarder's own.";
            case TOO_MANY_REGISTRATIONS, REGISTRATION_RATE ->
                "Find out who registers so much; or raise the limit of registrations.";
            case SENDER_RATE -> "Make the sender send less; or raise sender-rate.";
            case UNREGISTERED_SENDER -> "Make the sender register first, or set sender-policy to any.";
            case FORWARDING_LOOP, REFLECTION ->
                "Find out which forwarders are registered at each other, or bridged twice, and remove one of these ways.";
            case LOST_UPSTREAM ->
                "Look at upstream-full and owner-full on all nodes, at the servers' slow consumers, and at their links.";
            case UPSTREAM_FULL ->
                "Check whether the bridge's servers are reachable and keep up; or raise the bridge's queue.";
            case UPSTREAM_TOO_LARGE ->
                "Raise the servers' limit of a message's size, or make the sender send smaller messages.";
            case UPSTREAM_INVALID ->
                "Find out who else publishes to the bridge's subjects, and keep others away by permissions.";
            case FRAMING_MISMATCH -> "Give the group the same framing on all nodes.";
            case CONNECT_FAILED -> "Check whether the server listens at that address, and whether its name resolves.";
            case ACCEPT_FAILED -> "Raise the limit of open files (ulimit -n, LimitNOFILE).";
            case IDLE -> "Make the client send something now and then, or raise idle-timeout.";
            case INTERNAL_ERROR -> "Look into the log, and report the error.";
            case KICKED -> "The peer may come back at once: to keep it out, add its address to deny.";
            case LEASE_EXPIRED -> "Make the client register again before lease is over, or raise lease.";
            case PROBE, PEER_CLOSED, PEER_RESET, STOPPED, UNREAD, NOT_REGISTERED, MOVED, LEFT -> "";
        };
    }
}
