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
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The admin endpoint: the JDK's HTTP server, with a virtual thread for each request. That server is in the image already,
 * it is kept with the JDK, and what an operator looks at needs no faster one. Slow and many clients take its bounded
 * connections from each other, and nothing from forwarding.
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
     * Bind, and answer from then on.
     *
     * @throws IOException if the address cannot be bound; the message tells which one
     * @throws dev.socketforwarder.api.SettingException if the certificate cannot be used
     */
    public static AdminServer start(AdminSettings settings, Monitor monitor, Metrics metrics) throws IOException {
        // Read by the server's classes when they are loaded, which is now.
        System.setProperty("jdk.httpserver.maxConnections", "128");
        System.setProperty("sun.net.httpserver.maxReqTime", "10");
        System.setProperty("sun.net.httpserver.maxReqHeaders", "100");
        var tls = settings.tls()
                .map(read -> new EndpointTls(NAME, read, settings.section().section("tls")));
        tls.ifPresent(EndpointTls::load);
        var sessions = new Sessions(settings.token(), System::nanoTime);
        var http = bound(settings, tls);
        var threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("admin-", 0).factory());
        http.setExecutor(threads);
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

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
        tls.ifPresent(EndpointTls::close);
    }
}
