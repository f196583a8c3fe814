package dev.socketforwarder.transport.websocket;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Finds and reads the head of an HTTP request, and writes answers. Each connection carries one request. */
final class Http {
    private static final byte[] VERSION = " HTTP/1.".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] HEAD = "HEAD ".getBytes(StandardCharsets.US_ASCII);

    private Http() {}

    /**
     * {@return where the head of the request ends, behind its empty line; -1 if it is incomplete. A first line that is not HTTP, or
     * a byte that no first line has, ends the head, so that a client of another protocol is refused at once}
     */
    static int endOfHead(ByteBuffer bytes) {
        boolean isFirst = true;
        for (int at = bytes.position(), line = at; at < bytes.limit(); at++) {
            byte each = bytes.get(at);
            if (isFirst && (at == line ? !isLetter(each) : isControl(each))) {
                return at + 1;
            }
            if (each == '\n') {
                boolean isEmpty = at == line || at == line + 1 && bytes.get(line) == '\r';
                if (isEmpty || isFirst && !isHttp(bytes, line, at)) {
                    return at + 1;
                }
                isFirst = false;
                line = at + 1;
            }
        }
        return -1;
    }

    private static boolean isLetter(byte each) {
        return each >= 'A' && each <= 'Z' || each >= 'a' && each <= 'z';
    }

    /** {@return whether a byte is neither text nor a line end} Text in UTF-8 gets another answer. */
    private static boolean isControl(byte each) {
        return each >= 0 && each < ' ' && each != '\r' && each != '\n';
    }

    private static boolean isHttp(ByteBuffer bytes, int line, int end) {
        int trailing = bytes.get(end - 1) == '\r' ? 2 : 1; // the version's last digit, and a carriage return
        int at = end - trailing - VERSION.length;
        return at >= line && bytes.slice(at, VERSION.length).equals(ByteBuffer.wrap(VERSION));
    }

    /**
     * Read a head.
     *
     * @param head the bytes up to {@link #endOfHead}
     */
    static HttpRequest request(ByteBuffer head) throws Refusal {
        var decoder = new EmbeddedChannel(new HttpRequestDecoder(new HttpDecoderConfig()
                .setMaxInitialLineLength(head.remaining())
                .setMaxHeaderSize(head.remaining())));
        try {
            decoder.writeInbound(Unpooled.wrappedBuffer(head));
            if (decoder.readInbound() instanceof HttpRequest request
                    && request.decoderResult().isSuccess()) {
                return request;
            }
            throw new Refusal(400, "This port speaks HTTP/1.1, and this is no request of HTTP/1.1.");
        } finally {
            decoder.finishAndReleaseAll();
        }
    }

    /** {@return whether a head asks for the head of an answer} */
    static boolean isHead(ByteBuffer head) {
        return head.remaining() > HEAD.length
                && head.slice(head.position(), HEAD.length).equals(ByteBuffer.wrap(HEAD));
    }

    /**
     * {@return the answer to a request that is refused}
     *
     * @param allowed {@link #allowed}
     * @param hasBody false for the answer to HEAD, which tells the length alone
     */
    static ByteBuffer answer(Refusal refusal, String allowed, boolean hasBody) {
        var text = refusal.getMessage() + "\n";
        return answer(
                refusal.status(),
                refusal.header() + allowed + "Content-Type: text/plain; charset=utf-8\r\nContent-Length: "
                        + text.getBytes(StandardCharsets.UTF_8).length
                        + "\r\nCache-Control: no-store\r\nConnection: close\r\n",
                hasBody ? text : "");
    }

    /** {@return the header that lets the page of a browser read the answer; empty if there is no page} */
    static String allowed(Optional<String> origin) {
        return origin.map(page -> "Access-Control-Allow-Origin: " + page + "\r\nVary: Origin\r\n")
                .orElse("");
    }

    /**
     * {@return an answer}
     *
     * @param headers whole lines, each with its line end
     */
    static ByteBuffer answer(int status, String headers, String body) {
        var phrase = HttpResponseStatus.valueOf(status).reasonPhrase();
        return StandardCharsets.UTF_8.encode("HTTP/1.1 " + status + " " + phrase + "\r\n" + headers + "\r\n" + body);
    }
}
