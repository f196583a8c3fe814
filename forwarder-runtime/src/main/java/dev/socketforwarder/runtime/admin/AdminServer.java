package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.socketforwarder.runtime.monitor.Monitor;
import dev.socketforwarder.runtime.text.Addresses;
import dev.socketforwarder.runtime.tls.EndpointTls;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/**
 * The admin endpoint: the JDK's HTTP server, with a thread for each request. This server is in the image already, the JDK
 * maintains it, and operators need no faster one. Slow clients and many clients take the bounded connections from each other,
 * and nothing from forwarding.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(AdminServer.class.getName());
    private static final String NAME = "admin";

    private final HttpServer http;
    private final Optional<EndpointTls> tls;
    private final ExecutorService threads;

    private AdminServer(HttpServer http, Optional<EndpointTls> tls, ExecutorService threads) {
        this.http = http;
        this.tls = tls;
        this.threads = threads;
    }

    /**
     * Bind the address, and answer requests from then on.
     *
     * @throws IOException if the address cannot be bound; the message tells which one
     * @throws dev.socketforwarder.api.SettingException if the certificate cannot be used
     */
    public static AdminServer start(AdminSettings settings, Monitor monitor, Metrics metrics) throws IOException {
        limit();
        var tls = settings.tls();
        settings.load();
        var sessions = new Sessions(settings.token(), System::nanoTime);
        var http = bound(settings, tls);
        var threads = Executors.newThreadPerTaskExecutor(factory(tls.isPresent()));
        http.setExecutor(exchange -> threads.execute(() -> ExchangeLimit.run(exchange)));
        http.createContext("/", new AdminHandler(monitor, metrics, new Guard(settings.hosts(), sessions), sessions));
        http.start();
        tls.ifPresent(EndpointTls::watch);
        LOG.log(
                Level.INFO,
                NAME + " listening on " + Addresses.shown(http.getAddress()) + " ("
                        + (tls.isPresent() ? "https" : "http") + ", "
                        + (sessions.canSignIn() ? "changes need the token" : "read-only") + ")");
        return new AdminServer(http, tls, threads);
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

    private static HttpServer bound(AdminSettings settings, Optional<EndpointTls> tls) throws IOException {
        try {
            if (tls.isEmpty()) {
                return HttpServer.create(settings.address(), 0);
            }
            var https = HttpsServer.create(settings.address(), 0);
            https.setHttpsConfigurator(new HttpsConfigurator(tls.get().context()) {
                @Override
                public void configure(HttpsParameters parameters) {
                    parameters.setSSLParameters(tls.get().newEngine().getSSLParameters());
                }
            });
            return https;
        } catch (IOException e) {
            throw new IOException(
                    NAME + " cannot listen on " + Addresses.shown(settings.address()) + ": " + e.getMessage(), e);
        }
    }

    /** {@return where the server listens} */
    InetSocketAddress address() {
        return http.getAddress();
    }

    @Override
    public void close() {
        threads.shutdownNow(); // this ends writes to clients that do not read; otherwise the server would wait for
        // these writes
        http.stop(0);
        tls.ifPresent(EndpointTls::close);
    }
}
