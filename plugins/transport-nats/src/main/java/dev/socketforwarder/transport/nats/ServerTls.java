package dev.socketforwarder.transport.nats;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Makes the TLS sockets of the NATS client, which verify that a server's certificate is valid for its name. The client alone verifies
 * only who signed the certificate. Servers of which the client learns from other servers have addresses, but mostly no names: they are
 * verified by the name of the first server in the settings.
 */
final class ServerTls extends SSLContextSpi {
    private final SSLContext context;
    private final UnaryOperator<String> naming;

    private ServerTls(SSLContext context, UnaryOperator<String> naming) {
        this.context = context;
        this.naming = naming;
    }

    /**
     * {@return the context that the client needs}
     *
     * @param ca the PEM file with the authorities that may vouch for the servers; empty for those of the JDK
     * @param name the name that all servers' certificates must be valid for; empty: each server's own
     * @param hosts the hosts of the servers in the settings
     * @throws IOException if the file cannot be read, or has no certificates
     */
    static SSLContext of(String ca, String name, List<String> hosts) throws IOException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, ca.isEmpty() ? null : trusting(Path.of(ca)), null);
            UnaryOperator<String> naming =
                    host -> !name.isEmpty() ? name : hosts.contains(host) ? host : hosts.getFirst();
            return new SSLContext(new ServerTls(context, naming), context.getProvider(), "TLS") {};
        } catch (GeneralSecurityException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static TrustManager[] trusting(Path file) throws IOException, GeneralSecurityException {
        var authorities = KeyStore.getInstance("PKCS12");
        authorities.load(null, null);
        try (InputStream in = Files.newInputStream(file)) {
            int number = 0;
            for (var each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                authorities.setCertificateEntry("ca-" + number++, each);
            }
            if (number == 0) {
                throw new IOException("no certificates in it");
            }
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authorities);
        return trust.getTrustManagers();
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        return new Verifying(context.getSocketFactory(), naming);
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
            throws KeyManagementException {
        throw new KeyManagementException("made by ServerTls");
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        return context.getServerSocketFactory();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return context.createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        return context.createSSLEngine(host, port);
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return context.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return context.getClientSessionContext();
    }

    /** Makes sockets over connected sockets, which is all that the client asks for. */
    private static final class Verifying extends SSLSocketFactory {
        private final SSLSocketFactory factory;
        private final UnaryOperator<String> naming;

        Verifying(SSLSocketFactory factory, UnaryOperator<String> naming) {
            this.factory = factory;
            this.naming = naming;
        }

        @Override
        public Socket createSocket(Socket connected, String host, int port, boolean autoClose) throws IOException {
            var socket = (SSLSocket) factory.createSocket(connected, naming.apply(host), port, autoClose);
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            return socket;
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return factory.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return factory.getSupportedCipherSuites();
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }
    }
}
