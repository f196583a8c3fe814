package dev.socketforwarder.transport.nats;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps one connection to the NATS servers, for ever. What can be sent at once goes past the outbox; a thread of its own connects, and
 * sends what waits in the outbox, so that the endpoint's loop never waits for a server. The NATS client finds another server when it
 * loses one; where the client gives up, as it does when it is refused twice, this class begins again.
 */
final class Link {
    private static final long FIRST_PAUSE_MS = 500;
    private static final long LONGEST_PAUSE_MS = 8_000;
    private static final long POLL_MS = 1_000;
    private static final long FULL_PAUSE_NS = TimeUnit.MICROSECONDS.toNanos(200);
    /** How many received NATS messages may wait on the heap. The client drops further ones, which shows as a gap. */
    private static final long MOST_RECEIVED_BYTES =
            Math.clamp(Runtime.getRuntime().maxMemory() / 16, 1 << 20, 16 << 20);

    private static final long MOST_RECEIVED = MOST_RECEIVED_BYTES / 256;

    /**
     * Learns what happens. Every method is called by a thread of the link, and may block only to hold up what is received; {@link #sent}
     * and {@link #tooLarge} also by the thread that sends.
     */
    interface Listener {

        /** Learn that messages can be sent from now on, up to {@code maxPayload} bytes each. */
        void up(String server, long maxPayload);

        /**
         * Learn that the connection is lost.
         *
         * @param isStopping whether the link itself has ended it
         */
        void down(boolean isStopping);

        /** Learn that no server could be reached, or that it refused the forwarder. */
        void failed(String why);

        /** Take a received message. */
        void received(String subject, byte[] body);

        /** Learn that a message was sent, as far as this process can know. */
        void sent(Outgoing message);

        /** Learn that a message is larger than the servers allow, and was dropped. */
        void tooLarge(Outgoing message);
    }

    private final NatsSettings settings;
    private final Outbox outbox;
    private final Listener listener;
    private final ExecutorService threads;
    private final ScheduledExecutorService timer;
    private final Subscriptions subscriptions;
    private final Thread sender;

    private volatile Connection connection; // null before the first attempt to connect
    private volatile boolean isUp;
    private volatile String fault = "";

    /** Held while a message is given to the client, so that all messages keep their order. Guards the two fields below. */
    private final ReentrantLock order = new ReentrantLock();

    private boolean isDiscarded; // the client had no room
    private Outgoing next; // taken from the outbox and not sent

    private volatile long stopAtNs; // 0 until the stop

    Link(String name, NatsSettings settings, Outbox outbox, Listener listener) {
        this.settings = settings;
        this.outbox = outbox;
        this.listener = listener;
        this.threads = Executors.newCachedThreadPool(
                Thread.ofPlatform().name(name + "-client-", 0).daemon().factory());
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name(name + "-timer").daemon().factory());
        this.subscriptions = new Subscriptions(timer);
        this.sender = Thread.ofPlatform().name(name + "-sender").daemon().unstarted(this::run);
    }

    void start() {
        sender.start();
    }

    /** Receive the messages of a subject from now on, and again after each loss of the connection. Never blocks. */
    void subscribe(String subject) {
        subscriptions.add(subject);
    }

    void unsubscribe(String subject) {
        subscriptions.remove(subject);
    }

    /** Send a message, or leave it in the outbox if others wait there, or if the client takes nothing now. Never blocks for long. */
    void send(Outgoing message) {
        if (order.tryLock()) {
            try {
                if (isUp && next == null && outbox.isEmpty() && publish(message)) {
                    return;
                }
            } finally {
                order.unlock();
            }
        }
        outbox.add(message);
    }

    /**
     * Send what waits, and end all threads.
     *
     * @return how many bytes could not be sent
     */
    long stop(Duration limit) {
        stopAtNs = System.nanoTime() + limit.toNanos();
        outbox.close();
        if (!isUp) {
            sender.interrupt(); // it may be connecting
        }
        try {
            if (!sender.join(limit)) {
                sender.interrupt();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        subscriptions.close();
        threads.shutdownNow();
        order.lock();
        try {
            return outbox.bytes() + (next == null ? 0 : next.weight());
        } finally {
            order.unlock();
        }
    }

    private void run() {
        try {
            // Made here, since the client's classes take longer to load than all others of an endpoint.
            var options = ClientOptions.of(settings, threads, timer, new Events(), new Errors());
            long pauseMs = FIRST_PAUSE_MS;
            while (!isStopping()) {
                if (connect(options)) {
                    pauseMs = FIRST_PAUSE_MS;
                    send();
                } else if (!isStopping()) {
                    pause(pauseMs);
                    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
                }
            }
        } catch (InterruptedException _) {
            // The stop took too long.
        } finally {
            close();
        }
    }

    private boolean connect(Options options) throws InterruptedException {
        fault = "";
        try {
            var made = Nats.connect(options);
            connection = made;
            var dispatcher = made.createDispatcher(this::onMessage);
            dispatcher.setPendingLimits(MOST_RECEIVED, MOST_RECEIVED_BYTES);
            subscriptions.use(
                    dispatcher,
                    () -> made.outgoingPendingMessageCount()
                            < ClientOptions.MOST_UNWRITTEN + ClientOptions.MOST_SUBSCRIBING);
            return true;
        } catch (IOException | IllegalStateException e) {
            listener.failed(fault.isEmpty() ? String.valueOf(e.getMessage()) : fault);
            return false;
        }
    }

    private void onMessage(Message message) {
        listener.received(message.getSubject(), message.getData());
    }

    /** Send until the client has given up the connection, or everything is sent at the stop. */
    private void send() throws InterruptedException {
        while (connection.getStatus() != Connection.Status.CLOSED) {
            if (isAllSent()) {
                if (isStopping()) {
                    return;
                }
                outbox.await(POLL_MS);
            } else if (isStopping() && (!isUp || stopAtNs - System.nanoTime() <= 0)) {
                return;
            } else if (!isUp) {
                pause(POLL_MS);
            } else if (!sendNext()) {
                LockSupport.parkNanos(FULL_PAUSE_NS);
            }
        }
    }

    private boolean isAllSent() {
        order.lock();
        try {
            return next == null && outbox.isEmpty();
        } finally {
            order.unlock();
        }
    }

    /** {@return whether the client took the oldest message, or there is none} */
    private boolean sendNext() {
        order.lock();
        try {
            if (next == null) {
                next = outbox.poll();
            }
            if (next != null && publish(next)) {
                next = null;
            }
            return next == null;
        } finally {
            order.unlock();
        }
    }

    /** {@return whether the message needs no further attempt; otherwise the client had no room} */
    private boolean publish(Outgoing message) {
        if (message.body().length > connection.getMaxPayload()) {
            listener.tooLarge(message);
            return true;
        }
        if (connection.outgoingPendingMessageCount() >= ClientOptions.MOST_UNWRITTEN) {
            return false;
        }
        isDiscarded = false;
        try {
            connection.publish(message.subject(), message.body());
        } catch (IllegalStateException _) {
            isDiscarded = true; // the connection is lost, of which the listener learns soon
        }
        if (isDiscarded) {
            return false;
        }
        listener.sent(message);
        return true;
    }

    private boolean isStopping() {
        return stopAtNs != 0;
    }

    private synchronized void pause(long ms) throws InterruptedException {
        if (!isUp && !isStopping()) {
            wait(ms);
        }
    }

    private synchronized void wake() {
        notifyAll();
    }

    private void close() {
        var last = connection;
        if (last == null) {
            return;
        }
        try {
            long leftNs = stopAtNs - System.nanoTime();
            if (isUp && leftNs > 0) {
                last.flush(Duration.ofNanos(leftNs));
            }
            last.close();
        } catch (TimeoutException | InterruptedException | IllegalStateException _) {
            // The servers are away or slow. The process, or the endpoint, ends without them.
        }
    }

    private final class Events implements ConnectionListener {
        @Override
        @Deprecated
        public void connectionEvent(Connection from, Events type) {
            switch (type) {
                case CONNECTED, RESUBSCRIBED -> {
                    connection = from;
                    isUp = true;
                    listener.up(String.valueOf(from.getConnectedUrl()), from.getMaxPayload());
                    wake();
                }
                case DISCONNECTED, CLOSED -> {
                    if (isUp) {
                        isUp = false;
                        listener.down(isStopping());
                    }
                    wake();
                }
                default -> {
                    // Reconnected is followed by resubscribed; the rest is for the client itself.
                }
            }
        }
    }

    private final class Errors implements ErrorListener {
        @Override
        public void errorOccurred(Connection from, String error) {
            fault = error;
        }

        @Override
        public void exceptionOccurred(Connection from, Exception thrown) {
            if (fault.isEmpty()) {
                fault = thrown instanceof TimeoutException
                        ? "no answer within " + ClientOptions.CONNECT_LIMIT.toSeconds() + " s"
                        : String.valueOf(thrown.getMessage());
            }
        }

        @Override
        public void messageDiscarded(Connection from, Message message) {
            // Told on the thread that adds. What other threads add never meets a full queue.
            if (order.isHeldByCurrentThread()) {
                isDiscarded = true;
            }
        }
    }
}
