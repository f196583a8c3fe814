package dev.socketforwarder.runtime.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.socketforwarder.runtime.admin.Reply.Body;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AnswersTest {
    /** More than a kernel holds for one connection. */
    private static final byte[] LARGE = new byte[32 << 20];

    private static Socket ask(HttpServer http) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(2_048);
        socket.setSoTimeout(30_000);
        socket.connect(http.getAddress(), 30_000);
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String statusOf(Socket socket) throws IOException {
        return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }

    @Test
    void answersThatNobodyReadsTakeBoundedMemory() throws Exception {
        var answers = new Answers(LARGE.length + LARGE.length / 2);
        var ended = new CountDownLatch(1);
        AdminServer.limit(); // or other tests in this process would find none
        var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            http.setExecutor(threads);
            http.createContext("/", exchange -> {
                try {
                    answers.send(exchange, new Body(200, "text/plain", LARGE));
                } catch (IOException e) {
                    ended.countDown();
                    throw e;
                }
            });
            http.start();
            try (var slow = ask(http);
                    var refused = ask(http, slow)) {
                assertThat(statusOf(refused)).isEqualTo("HTTP/1.1 503");
            }
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            try (var next = ask(http)) {
                assertThat(statusOf(next)).isEqualTo("HTTP/1.1 200");
            }
        } finally {
            http.stop(0);
        }
    }

    /** Ask once the answer to another has begun. */
    private static Socket ask(HttpServer http, Socket slow) throws IOException {
        assertThat(statusOf(slow)).isEqualTo("HTTP/1.1 200");
        return ask(http);
    }

    @Test
    void oneAnswerIsMadeAtATime() throws Exception {
        var answers = new Answers(1);
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var first = new FutureTask<>(() -> answers.make(() -> {
            begun.countDown();
            await(goOn);
            return System.nanoTime();
        }));
        var second = new FutureTask<>(() -> answers.make(System::nanoTime));
        Thread.ofVirtual().start(first);
        await(begun);
        Thread.ofVirtual().start(second);
        goOn.countDown();

        assertThat(second.get(30, TimeUnit.SECONDS)).isGreaterThan(first.get(30, TimeUnit.SECONDS));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
