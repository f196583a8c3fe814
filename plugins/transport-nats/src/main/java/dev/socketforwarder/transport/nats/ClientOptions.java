package dev.socketforwarder.transport.nats;

import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.Options;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

/** Says to the NATS client what the settings say, and how a {@link Link} needs the client to behave. */
final class ClientOptions {
    /** How long a server may take to answer, and to negotiate TLS. */
    static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private static final Duration RECONNECT_PAUSE = Duration.ofMillis(500);

    /** What the client may hold that is not written yet, in NATS messages; more would escape the bound of the outbox. */
    private static final int MOST_UNWRITTEN = 32;

    private ClientOptions() {}

    static Options of(
            NatsSettings settings,
            ExecutorService threads,
            ScheduledExecutorService timer,
            ConnectionListener events,
            ErrorListener errors) {
        var builder = Options.builder()
                .servers(settings.servers().stream().map(URI::toString).toArray(String[]::new))
                .connectionName(settings.name())
                .noEcho()
                .maxReconnects(-1)
                .reconnectWait(RECONNECT_PAUSE)
                .connectionTimeout(CONNECT_LIMIT)
                .pingInterval(Duration.ofSeconds(5)) // finds a server that is gone without a word within 15 s
                .reconnectBufferSize(0) // the outbox holds what waits
                .maxMessagesInOutgoingQueue(MOST_UNWRITTEN)
                .discardMessagesWhenOutgoingQueueFull() // tells at once, so that the sender waits outside the client's
                // lock
                .hostnameResolveMode(
                        Options.HostnameResolveMode
                                .HappyEyeballs) // connects to a name's first address that answers, and verifies the
                // name
                .executor(threads)
                .connectExecutor(threads)
                .callbackExecutor(new CallerRuns())
                .scheduledExecutor(timer)
                .connectionListener(events)
                .errorListener(errors);
        var login = settings.login();
        if (!login.user().isEmpty()) {
            builder.userInfo(login.user(), login.password().orElse(""));
        }
        login.token().ifPresent(token -> builder.token(token.toCharArray()));
        login.keys().ifPresent(builder::authHandler);
        settings.tls().ifPresent(builder::sslContext);
        return builder.build();
    }
}
