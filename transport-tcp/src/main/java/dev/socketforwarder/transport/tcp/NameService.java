package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.kit.Lookups;
import java.time.Duration;

/** The look-ups for the policies of all TCP endpoints, shared so that each host is asked for once. */
final class NameService {
    /** Java itself caches an answer for the same time; together that is a minute. */
    static final Duration INTERVAL = Duration.ofSeconds(30);

    /** How long a start waits for names; later answers take effect when they come. */
    static final Duration PATIENCE = Duration.ofMillis(500);

    static final Lookups LOOKUPS = new Lookups("tcp-lookup-");

    private NameService() {}
}
