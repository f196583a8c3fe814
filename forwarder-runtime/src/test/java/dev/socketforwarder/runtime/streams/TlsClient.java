package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.runtime.testing.TestCertificates;
import dev.socketforwarder.runtime.testing.TestCertificates.Identity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;

/** A client with the JDK's TLS socket. */
public final class TlsClient extends TestClient {
    static final TestCertificates CERTIFICATES = new TestCertificates();
    static final Identity SERVER = CERTIFICATES.issue("CN=server");
    static final Identity SENSOR = CERTIFICATES.issue("CN=sensor-7");

    private static final SSLContext SERVER_CONTEXT = CERTIFICATES.context(SERVER);

    private TlsClient(SSLSocket socket) throws IOException {
        super(socket);
    }

    /** The TLS files that an endpoint is given. */
    public static Tls tls(Consumer<SSLEngine> settings) {
        return () -> {
            var engine = SERVER_CONTEXT.createSSLEngine();
            engine.setUseClientMode(false);
            engine.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            settings.accept(engine);
            return engine;
        };
    }

    public static TlsClient over(Socket plain, String version, Identity... own) throws IOException {
        var socket = (SSLSocket)
                CERTIFICATES.context(own).getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true);
        socket.setEnabledProtocols(new String[] {version});
        return new TlsClient(socket);
    }

    static TlsClient connect(InetSocketAddress server, String version, Identity... own) throws IOException {
        return over(new TestClient(server, 0).socket, version, own);
    }

    /** Join a client to this group. The forwarder has the member when this method returns. */
    public static TlsClient join(TestServer server, String version, String group) throws IOException {
        long joined = server.count(Counter.JOINED);
        var client = connect(server.address(), version);
        client.send(TestContext.PREFIX + group + "\n");
        server.awaitAtLeast(Counter.JOINED, joined + 1);
        return client;
    }

    /** Shake hands without sending anything. */
    public void handshake() throws IOException {
        ((SSLSocket) socket).startHandshake();
    }
}
