package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpExchange;
import dev.socketforwarder.runtime.monitor.Answer.Failure;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes answers one at a time, so that many requests take no more than one processor from forwarding, and bounds the memory of
 * answers that slow clients have not read.
 */
final class Answers {
    private final ReentrantLock making = new ReentrantLock();
    private final int mostUnread;
    private final Semaphore unread;

    /** Make an object that holds at most this many bytes that clients have not read, or one longer answer. */
    Answers(int mostUnread) {
        this.mostUnread = mostUnread;
        this.unread = new Semaphore(mostUnread);
    }

    /** Makes an answer. */
    @FunctionalInterface
    interface Maker<T> {
        T make() throws IOException;
    }

    /** {@return what the maker makes, while nobody else makes anything} */
    <T> T make(Maker<T> maker) throws IOException {
        making.lock();
        try {
            return maker.make();
        } finally {
            making.unlock();
        }
    }

    /** Send a body, if there is room for it. */
    void send(HttpExchange exchange, Reply.Body body) throws IOException {
        int room = Math.min(body.bytes().length, mostUnread);
        if (!unread.tryAcquire(room)) {
            Reply.send(exchange, new Failure(503, "too many clients are slow to read their answers"));
            return;
        }
        try {
            Reply.send(exchange, body);
        } finally {
            unread.release(room);
        }
    }
}
