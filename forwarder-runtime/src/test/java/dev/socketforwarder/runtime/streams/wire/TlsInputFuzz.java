package dev.socketforwarder.runtime.streams.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.testing.TestCertificates;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/**
 * A target of the fuzzer: a stream for the receiving half of TLS, in reads that are cut anywhere. The first three bytes
 * of the input choose the setting. One chooses how far an honest client gets first, the TLS version, and the room for
 * what is left of records; one chooses how the stream is cut; one chooses the reader's buffer. Each byte after those is
 * something that the client does, or that is done to what the client sends.
 */
public final class TlsInputFuzz {
    private static final int[] CUTS = {1, 7, 100, 1_460, 5_000, 70_000};
    private static final int[] ROOMS = {1, 100, 4_096, 65_536};
    private static final int LONGEST_TEXT = 16_384;
    private static final int MOST_BYTES = 256 * 1024;
    private static final int RAW_STAGES = 2;
    private static final int OLD_VERSION = 4;
    private static final int CROWDED = 8;
    private static final SSLContext CONTEXT = context();

    private final FedChannel socket = new FedChannel();
    private final TlsScratch scratch = Scratch.ONE;
    private final TlsBuffers buffers;
    private final long most;
    private final int cut;
    private final ByteBuffer room;
    private final SSLEngine client;
    private final TlsWire server;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final ByteArrayOutputStream got = new ByteArrayOutputStream();
    private final ByteBuffer record = ByteBuffer.allocate(64 * 1024);
    private boolean joined; // whether the handshake is over
    private boolean honest = true; // whether only an honest client's bytes have come
    private boolean failed;
    private boolean flips;
    private long fed;
    private long steps;

    /** Made once, since direct memory is expensive. */
    private static final class Scratch {
        private static final TlsScratch ONE = new TlsScratch();
    }

    private static SSLContext context() {
        var certificates = new TestCertificates();
        return certificates.context(certificates.issue("CN=localhost"));
    }

    private TlsInputFuzz(int control, int cut, int room) {
        this.cut = cut;
        this.room = ByteBuffer.allocateDirect(room);
        this.most = (control & CROWDED) == 0 ? 1 << 20 : 20 * 1024;
        this.buffers = new TlsBuffers(most);
        var protocols = new String[] {(control & OLD_VERSION) == 0 ? "TLSv1.3" : "TLSv1.2"};
        this.client = CONTEXT.createSSLEngine();
        client.setUseClientMode(true);
        client.setEnabledProtocols(protocols);
        var engine = CONTEXT.createSSLEngine();
        engine.setUseClientMode(false);
        this.server = new TlsWire(socket, engine, buffers, scratch, () -> {});
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 3) {
            return;
        }
        try {
            run(input);
        } catch (IOException e) {
            throw new AssertionError("the client or the end fails", e);
        }
    }

    private static void run(byte[] input) throws IOException {
        int control = input[0] & 0xff;
        var run = new TlsInputFuzz(
                control, CUTS[(input[1] & 0xff) % CUTS.length], ROOMS[(input[2] & 0xff) % ROOMS.length]);
        int stage = control & 3;
        if (stage >= RAW_STAGES) {
            run.shakeHands();
        } else if (stage == 1) {
            run.clientSends(ByteBuffer.allocate(0));
        }
        run.go(ByteBuffer.wrap(input, 3, input.length - 3), stage);
    }

    private void go(ByteBuffer in, int stage) throws IOException {
        honest &= stage >= RAW_STAGES;
        while (in.hasRemaining() && fed < MOST_BYTES) {
            act(in);
        }
        turn();
        boolean isClosed = client.isOutboundDone();
        if (honest) {
            assertThat(failed).as("an honest client is not heard").isFalse();
            assertThat(Arrays.equals(got.toByteArray(), sent.toByteArray()))
                    .as("all text of %d bytes", sent.size())
                    .isTrue();
            assertThat(buffers.used()).as("held of whole records").isZero();
            assertThat(server.read(room.clear())).isEqualTo(isClosed ? -1 : 0);
        }
        socket.end();
        turn();
        server.close();
        assertThat(buffers.used()).as("held at the end").isZero();
    }

    private void act(ByteBuffer in) throws IOException {
        switch (in.get() & 7) {
            case 0 -> clientSends(text(in.hasRemaining() ? 64 * (in.get() & 0xff) : 1));
            case 1 -> clientSends(text(LONGEST_TEXT));
            case 2 -> {
                var bytes = new byte[in.hasRemaining() ? Math.min(in.get() & 0xff, in.remaining()) : 0];
                in.get(bytes);
                honest &= bytes.length == 0;
                feed(ByteBuffer.wrap(bytes));
            }
            case 3 -> flips = true;
            case 4 -> {
                if (joined && !client.isOutboundDone()) {
                    honest &= client.getSession().getProtocol().equals("TLSv1.3"); // else the client negotiates again
                    client.beginHandshake();
                    clientSends(ByteBuffer.allocate(0));
                }
            }
            case 5 -> {
                client.closeOutbound();
                clientSends(ByteBuffer.allocate(0));
            }
            case 6 -> turn();
            default -> clientSends(ByteBuffer.allocate(0));
        }
    }

    private ByteBuffer text(int length) {
        var text = new byte[Math.min(Math.min(length, LONGEST_TEXT), 200 * cut)];
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) (sent.size() + i);
        }
        return ByteBuffer.wrap(text);
    }

    /** Send what the client has to say on its own account, and then this text. */
    private void clientSends(ByteBuffer text) throws IOException {
        do {
            int start = text.position();
            var result = client.wrap(text, record.clear());
            sent.write(text.array(), start, text.position() - start);
            if (flips && record.position() > 0) {
                flips = false;
                honest = false;
                record.put(record.position() - 1, (byte) (record.get(record.position() - 1) ^ 1));
            }
            var bytes = new byte[record.flip().remaining()];
            record.get(bytes);
            feed(ByteBuffer.wrap(bytes));
            if (result.bytesProduced() == 0) {
                return; // the client waits for the server, or is closed
            }
        } while (text.hasRemaining() || client.getHandshakeStatus() == HandshakeStatus.NEED_WRAP);
    }

    private void feed(ByteBuffer bytes) {
        fed += bytes.remaining();
        while (bytes.hasRemaining()) {
            int n = Math.min(cut, bytes.remaining());
            socket.feed(bytes.slice(bytes.position(), n));
            bytes.position(bytes.position() + n);
        }
    }

    private void shakeHands() throws IOException {
        client.beginHandshake();
        for (int i = 0; i < 20 && !(joined && isDone()); i++) {
            clientSends(ByteBuffer.allocate(0));
            turn();
        }
        assertThat(joined && isDone()).as("they shake hands").isTrue();
    }

    private boolean isDone() {
        return client.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
    }

    /** Let the server take all that is there, and the client get the server's answers. */
    private void turn() throws IOException {
        try {
            while (!failed && step()) {
                assertThat(++steps).as("steps for %d bytes", fed).isLessThan(1_000 + 4 * fed);
                assertThat(buffers.used()).isBetween(0L, most);
            }
        } catch (IOException _) {
            // The failure ends this connection. Only a lack of room may end an honest one.
            failed = true;
            honest &= most >= 1 << 20;
        }
        assertThat(buffers.used()).isBetween(0L, most);
        var text = got.toByteArray();
        assertThat(Arrays.equals(text, Arrays.copyOf(sent.toByteArray(), text.length)))
                .as("text as it was sent")
                .isTrue();
        if (honest) {
            clientHears(socket.taken());
        }
    }

    /** {@return whether there may be more to do} */
    private boolean step() throws IOException {
        if (!joined) {
            switch (server.negotiate()) {
                case TASKS -> server.runTasks();
                case DONE -> joined = true;
                default -> {
                    return false;
                }
            }
            return true;
        }
        int n = server.read(room.clear());
        var bytes = new byte[room.flip().remaining()];
        room.get(bytes);
        got.writeBytes(bytes);
        return n > 0 || n == 0 && (server.hasMore() || !socket.isEmpty());
    }

    private void clientHears(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            int before = bytes.remaining();
            client.unwrap(bytes, record.clear());
            for (var task = client.getDelegatedTask(); task != null; task = client.getDelegatedTask()) {
                task.run();
            }
            if (client.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                clientSends(ByteBuffer.allocate(0));
            } else if (bytes.remaining() == before) {
                return; // the client is closed
            }
        }
    }
}
