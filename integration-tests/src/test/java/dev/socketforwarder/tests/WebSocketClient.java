package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/** A WebSocket client, the JDK's own. Every wait has a time limit. */
final class WebSocketClient implements AutoCloseable {
    private final HttpClient http;
    private final WebSocket socket;
    private final BlockingQueue<String> heard;

    private WebSocketClient(HttpClient http, WebSocket socket, BlockingQueue<String> heard) {
        this.http = http;
        this.socket = socket;
        this.heard = heard;
    }

    /** {@return the address of a group's path} */
    static URI uri(String scheme, InetSocketAddress address, String path) {
        return URI.create(scheme + "://" + address.getHostString() + ":" + address.getPort() + path);
    }

    static WebSocketClient join(InetSocketAddress address, String path) {
        return connect(HttpClient.newHttpClient(), uri("ws", address, path), builder -> builder);
    }

    static WebSocketClient join(InetSocketAddress address, String path, UnaryOperator<WebSocket.Builder> more) {
        return connect(HttpClient.newHttpClient(), uri("ws", address, path), more);
    }

    static WebSocketClient joinSecurely(InetSocketAddress address, String path, SSLContext trust) {
        var http = HttpClient.newBuilder().sslContext(trust).build();
        return connect(http, uri("wss", address, path), builder -> builder);
    }

    private static WebSocketClient connect(HttpClient http, URI uri, UnaryOperator<WebSocket.Builder> more) {
        var heard = new LinkedBlockingQueue<String>();
        try {
            var socket = more.apply(http.newWebSocketBuilder())
                    .buildAsync(uri, new Ear(heard))
                    .get(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS);
            return new WebSocketClient(http, socket, heard);
        } catch (Exception e) {
            http.shutdownNow();
            throw new IllegalStateException(e.getCause() == null ? e : e.getCause());
        }
    }

    /** Writes down what comes. */
    private static final class Ear implements WebSocket.Listener {
        private final BlockingQueue<String> heard;
        private final StringBuilder text = new StringBuilder();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Ear(BlockingQueue<String> heard) {
            this.heard = heard;
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean isLast) {
            text.append(data);
            if (isLast) {
                heard.add("text " + text);
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean isLast) {
            var some = new byte[data.remaining()];
            data.get(some);
            bytes.writeBytes(some);
            if (isLast) {
                heard.add("binary " + HexFormat.of().formatHex(bytes.toByteArray()));
                bytes.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
            heard.add("pong " + data.remaining());
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onPing(WebSocket socket, ByteBuffer data) {
            heard.add("ping");
            socket.request(1);
            return null; // the JDK answers by itself
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add("close " + code + " " + reason);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            heard.add("error " + error);
        }
    }

    WebSocketClient send(String text) {
        return done(socket.sendText(text, true));
    }

    WebSocketClient send(byte[] bytes) {
        return done(socket.sendBinary(ByteBuffer.wrap(bytes), true));
    }

    /** Send a part of a text. */
    WebSocketClient sendPart(String text, boolean isLast) {
        return done(socket.sendText(text, isLast));
    }

    WebSocketClient ping(int length) {
        return done(socket.sendPing(ByteBuffer.allocate(length)));
    }

    WebSocketClient finish(int code) {
        return done(socket.sendClose(code, "bye"));
    }

    private WebSocketClient done(CompletableFuture<WebSocket> sent) {
        try {
            sent.get(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS);
            return this;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return what comes next: {@code text ...}, {@code binary HEX}, {@code ping}, {@code pong N} or {@code close CODE REASON}} */
    String next() {
        try {
            var next = heard.poll(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS);
            assertThat(next).as("something came").isNotNull();
            return next;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    WebSocketClient expect(String next) {
        assertThat(next()).isEqualTo(next);
        return this;
    }

    String subprotocol() {
        return socket.getSubprotocol();
    }

    @Override
    public void close() {
        socket.abort();
        http.shutdownNow();
    }
}
