package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Reason;
import java.time.Instant;

/**
 * What was refused from one source for one reason lately.
 *
 * @param source the address without its port, or the server that could not be reached
 * @param detail what was wrong the last time, in the words of the log; may be empty
 * @param bytes the peer's bytes of the last time, escaped and cut; may be empty
 * @param count how often since {@code first}
 */
public record Refusal(
        String endpoint,
        Reason reason,
        String source,
        String detail,
        String bytes,
        long count,
        Instant first,
        Instant last) {}
