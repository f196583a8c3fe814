package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The latest refusals of one source for one reason.
 *
 * @param source the address without its port, or the server that could not be reached
 * @param count how often since {@code first}
 * @param latest the latest cases, the latest first; at least one
 */
public record Refusal(String endpoint, Reason reason, String source, long count, Instant first, List<Case> latest) {

    /**
     * One refusal.
     *
     * @param port the peer's port; 0 if it has none
     * @param detail what was wrong, in the words of the log; may be empty
     * @param bytes the peer's bytes, escaped and cut; may be empty
     */
    public record Case(Instant time, int port, String detail, String bytes) {}

    /** {@return the latest case from a port; empty if it is not remembered} */
    Optional<Case> from(int port) {
        return latest.stream().filter(each -> each.port() == port).findFirst();
    }

    /** {@return one of the latest cases alone} */
    Refusal only(Case one) {
        return new Refusal(endpoint, reason, source, 1, one.time(), List.of(one));
    }
}
