package dev.socketforwarder.runtime.streams.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TlsOutputTest {
    private static final int RECORD = 1000;

    private ServerSocketChannel server;
    private SocketChannel near;
    private SocketChannel far;
    private long nowNs;
    private long recordNs;

    @BeforeEach
    void connect() throws IOException {
        server = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        near = SocketChannel.open(server.getLocalAddress());
        near.configureBlocking(false);
        far = server.accept();
    }

    @AfterEach
    void close() throws IOException {
        near.close();
        far.close();
        server.close();
    }

    private TlsOutput output() {
        return new TlsOutput(near, new PlainEngine(), new TlsBuffers(1 << 20), new TlsScratch(), () -> {}, () -> nowNs);
    }

    @Test
    void whatTakesLittleTimeIsWrittenAtOnce() throws IOException {
        recordNs = TlsOutput.WRITE_NS / 100;
        var text = ByteBuffer.allocate(20 * RECORD);

        assertThat(output().write(new ByteBuffer[] {text}, 0, 1)).isEqualTo(20 * RECORD);
    }

    @Test
    void whereARecordTakesLongTheOthersWaitForAnotherTurn() throws IOException {
        recordNs = TlsOutput.WRITE_NS;
        var text = ByteBuffer.allocate(3 * RECORD);
        var output = output();

        for (int left = 3; left > 0; left--) {
            assertThat(text.remaining()).isEqualTo(left * RECORD);
            assertThat(output.write(new ByteBuffer[] {text}, 0, 1)).isEqualTo(RECORD);
        }
        assertThat(output.write(new ByteBuffer[] {text}, 0, 1)).isZero();
    }

    /** An engine whose records are plain text, and which takes a set time for each record. */
    private final class PlainEngine extends SSLEngine {
        @Override
        public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer to) {
            nowNs += recordNs;
            var source = sources[offset];
            int n = Math.min(RECORD, source.remaining());
            to.put(source.slice(source.position(), n));
            source.position(source.position() + n);
            return new SSLEngineResult(Status.OK, HandshakeStatus.NOT_HANDSHAKING, n, n);
        }

        @Override
        public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] to, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Runnable getDelegatedTask() {
            return null;
        }

        @Override
        public void closeInbound() {}

        @Override
        public boolean isInboundDone() {
            return false;
        }

        @Override
        public void closeOutbound() {}

        @Override
        public boolean isOutboundDone() {
            return false;
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return new String[0];
        }

        @Override
        public String[] getEnabledCipherSuites() {
            return new String[0];
        }

        @Override
        public void setEnabledCipherSuites(String[] suites) {}

        @Override
        public String[] getSupportedProtocols() {
            return new String[0];
        }

        @Override
        public String[] getEnabledProtocols() {
            return new String[0];
        }

        @Override
        public void setEnabledProtocols(String[] protocols) {}

        @Override
        public SSLSession getSession() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void beginHandshake() {}

        @Override
        public HandshakeStatus getHandshakeStatus() {
            return HandshakeStatus.NOT_HANDSHAKING;
        }

        @Override
        public void setUseClientMode(boolean mode) {}

        @Override
        public boolean getUseClientMode() {
            return false;
        }

        @Override
        public void setNeedClientAuth(boolean need) {}

        @Override
        public boolean getNeedClientAuth() {
            return false;
        }

        @Override
        public void setWantClientAuth(boolean want) {}

        @Override
        public boolean getWantClientAuth() {
            return false;
        }

        @Override
        public void setEnableSessionCreation(boolean flag) {}

        @Override
        public boolean getEnableSessionCreation() {
            return true;
        }
    }
}
