package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.socketforwarder.runtime.text.Addresses;
import dev.socketforwarder.runtime.tls.EndpointTls;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/**
 * One server of the admin endpoint: the JDK's HTTP server, with a thread for each request. This server is in the image already, the JDK
 * maintains it, and operators need no faster one. Slow clients and many clients take the bounded connections from each other,
 * and nothing from forwarding.
 */
final class AdminServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(AdminServer.class.getName());
    static final String NAME = "admin";

    /** A server that retires answers for at most this long. */
    private static final Duration LONGEST_ANSWER = ExchangeLimit.LONGEST.plusSeconds(5);

    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(200);

    private final HttpServer http;
    private final Optional<EndpointTls> tls;
    private final ExecutorService threads;
    private volatile boolean closed;
    private volatile AdminHandler handler;

    private AdminServer(HttpServer http, Optional<EndpointTls> tls, ExecutorService threads, AdminHandler handler) {
        this.http = http;
        this.tls = tls;
        this.threads = threads;
        this.handler = handler;
    }

    /**
     * Bind the address, and answer requests from then on.
     *
     * @param takesOver whether to wait, while the address is in use, for a process that is about to stop
     * @throws IOException if the address cannot be bound; the message tells which one
     */
    static AdminServer start(AdminSettings settings, Optional<EndpointTls> tls, AdminHandler handler, boolean takesOver)
            throws IOException {
        limit();
        var http = made(tls);
        var threads = Executors.newThreadPerTaskExecutor(factory(tls.isPresent()));
        http.setExecutor(exchange -> threads.execute(() -> ExchangeLimit.run(exchange)));
        var server = new AdminServer(http, tls, threads, handler);
        http.createContext("/", exchange -> server.handler.handle(exchange));
        var kind = (tls.isPresent() ? "https" : "http") + ", "
                + (settings.token().isPresent() ? "changes need the token" : "read-only");
        try {
            server.listen(settings.address(), kind);
        } catch (IOException e) {
            if (!takesOver || !(e.getCause() instanceof BindException)) {
                server.close();
                throw e;
            }
            LOG.log(Level.INFO, e.getMessage() + "; it listens there once the other process has stopped");
            Thread.ofVirtual().name("admin-waiting").start(() -> server.listenLater(settings.address(), kind));
        }
        return server;
    }

    private void listen(InetSocketAddress address, String kind) throws IOException {
        try {
            http.bind(address, 0);
        } catch (IOException e) {
            throw new IOException(NAME + " cannot listen on " + Addresses.shown(address) + ": " + e.getMessage(), e);
        }
        http.start();
        tls.ifPresent(EndpointTls::watch);
        LOG.log(Level.INFO, NAME + " listening on " + Addresses.shown(http.getAddress()) + " (" + kind + ")");
    }

    /** Try again and again, since the JDK's server cannot share a port. */
    private void listenLater(InetSocketAddress address, String kind) {
        while (!closed) {
            try {
                Thread.sleep(BETWEEN_ATTEMPTS);
                synchronized (this) {
                    if (!closed) {
                        listen(address, kind);
                    }
                }
                return;
            } catch (IOException e) {
                LOG.log(Level.DEBUG, e.getMessage());
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Set the limits of the JDK's servers, whose classes read them once: when the first server of the process is made. */
    static void limit() {
        System.setProperty("jdk.httpserver.maxConnections", "128");
        System.setProperty("sun.net.httpserver.idleInterval", "10");
        System.setProperty("sun.net.httpserver.maxReqHeaders", "100");
        // The heads of all connections must fit into a small heap.
        System.setProperty("sun.net.httpserver.maxReqHeaderSize", "16384");
    }

    /**
     * {@return what makes the thread of each exchange} The thread is virtual unless TLS is on. With TLS the JDK's server looks up the
     * name of the client's address, and a name server that does not answer would hold the few threads that carry all virtual ones.
     */
    private static ThreadFactory factory(boolean isTls) {
        return isTls
                ? Thread.ofPlatform().daemon().name("admin-", 0).factory()
                : Thread.ofVirtual().name("admin-", 0).factory();
    }

    /** {@return a server that is not bound yet} */
    private static HttpServer made(Optional<EndpointTls> tls) throws IOException {
        if (tls.isEmpty()) {
            return HttpServer.create();
        }
        var https = HttpsServer.create();
        https.setHttpsConfigurator(new HttpsConfigurator(tls.get().context()) {
            @Override
            public void configure(HttpsParameters parameters) {
                parameters.setSSLParameters(tls.get().newEngine().getSSLParameters());
            }
        });
        return https;
    }

    /** {@return where the server listens} */
    InetSocketAddress address() {
        return http.getAddress();
    }

    /** Answer by other rules from now on. Streams end soon, since those who read them may not be entitled any more. */
    void adopt(AdminHandler other) {
        handler.retire();
        handler = other;
    }

    /** Accept no more clients, answer the requests that have come, and close. Return at once. */
    synchronized void retire() {
        closed = true;
        handler.retire();
        Thread.ofVirtual().name(NAME + "-retire").start(() -> {
            http.stop((int) LONGEST_ANSWER.toSeconds()); // closes the listener at once
            threads.shutdownNow();
            tls.ifPresent(EndpointTls::close);
        });
    }

    @Override
    public synchronized void close() {
        closed = true;
        threads.shutdownNow(); // this ends writes to clients that do not read; otherwise the server would wait for
        // these writes
        http.stop(0);
        tls.ifPresent(EndpointTls::close);
    }
}
