package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.kit.Lookups;
import java.time.Duration;

/** The look-ups of the policies of all TCP endpoints: one, so that those that mean one host ask for it once. */
final class NameService {
    /** Java itself remembers an answer as long as this: together they are a minute. */
    static final Duration INTERVAL = Duration.ofSeconds(30);

    /** How long a start waits for names: those that come later are taken up when they do. */
    static final Duration PATIENCE = Duration.ofMillis(500);

    static final Lookups LOOKUPS = new Lookups("tcp-lookup-");

    private NameService() {}
}
