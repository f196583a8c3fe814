package dev.socketforwarder.tests;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Honest members of one group: some send {@link CheckedLine}s at a steady rate, some receive and check them. Each has a
 * thread of its own.
 */
final class Lane {
    /** A member that sends. */
    @FunctionalInterface
    interface Outlet {
        /** Send whole lines. */
        void send(byte[] lines);
    }

    /** A member that receives. */
    @FunctionalInterface
    interface Inlet {
        /** {@return the next message, or null at the end} */
        byte[] next();
    }

    /**
     * The members of one run of the forwarder.
     *
     * @param sockets what to close at the end
     */
    record Members(List<Outlet> outlets, List<Inlet> inlets, List<AutoCloseable> sockets) {}

    private final String name;
    private final int batch;
    private final boolean mayLose;
    private final AtomicLong[] sent;
    /** Of each receiver, the number that it is to get next of each sender. */
    private final List<AtomicLong[]> receivers = new ArrayList<>();

    private final AtomicLong checkedBytes = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();
    private List<AutoCloseable> sockets = List.of();
    private volatile boolean sending;
    private volatile boolean ending;
    private volatile boolean ended;

    /**
     * Make a lane without members.
     *
     * @param batch how many messages a sender sends at once, every few milliseconds
     * @param mayLose whether a gap is counted, as for datagrams; otherwise it is a failure
     */
    Lane(String name, int senders, int receivers, int batch, boolean mayLose) {
        this.name = name;
        this.batch = batch;
        this.mayLose = mayLose;
        this.sent = counters(senders);
        for (int i = 0; i < receivers; i++) {
            this.receivers.add(counters(senders));
        }
    }

    private static AtomicLong[] counters(int n) {
        var counters = new AtomicLong[n];
        for (int i = 0; i < n; i++) {
            counters[i] = new AtomicLong();
        }
        return counters;
    }

    String name() {
        return name;
    }

    int senders() {
        return sent.length;
    }

    int receivers() {
        return receivers.size();
    }

    /** Begin, or continue after {@link #interrupt}, with members that have joined. */
    void begin(Members members) {
        ended = false;
        ending = false;
        failure.set(null);
        sending = true;
        sockets = members.sockets();
        for (int i = 0; i < receivers.size(); i++) {
            var receiver = receivers.get(i);
            var inlet = members.inlets().get(i);
            run("receiver-" + i, () -> receive(receiver, inlet));
        }
        for (int i = 0; i < sent.length; i++) {
            int sender = i;
            var outlet = members.outlets().get(i);
            run("sender-" + i, () -> send(sender, outlet));
        }
    }

    private void run(String role, Runnable part) {
        threads.add(Thread.ofPlatform().daemon().name(name + "-" + role).start(() -> {
            try {
                part.run();
            } catch (Throwable e) {
                if (!ended && !(ending && role.startsWith("sender"))) {
                    failure.compareAndSet(null, new AssertionError(name + ", " + role + ": " + e.getMessage(), e));
                }
            }
        }));
    }

    private void send(int sender, Outlet outlet) {
        while (sending) {
            long first = sent[sender].get();
            for (int i = 0; i < batch; i++) {
                // Counted first, since received messages must have been counted as sent.
                sent[sender].set(first + i + 1);
                outlet.send(new CheckedLine(name, sender, first + i).bytes());
            }
            try {
                Thread.sleep(5); // the rate
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    private void receive(AtomicLong[] numbers, Inlet inlet) {
        for (var line = inlet.next(); line != null; line = inlet.next()) {
            if (CheckedLine.isForeign(line)) {
                continue;
            }
            var said = CheckedLine.of(line);
            if (!said.lane().equals(name)) {
                throw new AssertionError("a message of another group: " + said);
            }
            var next = numbers[said.sender()];
            long gap = said.number() - next.get();
            if (gap < 0 || gap > 0 && !mayLose) {
                throw new AssertionError("got " + said + " in the place of number " + next.get());
            }
            lost.addAndGet(gap);
            checkedBytes.addAndGet(line.length);
            next.set(said.number() + 1);
        }
        if (!ended && !ending) {
            throw new AssertionError("the stream has ended");
        }
    }

    /** {@return how many messages each sender has sent so far} */
    long[] mark() {
        var mark = new long[sent.length];
        for (int i = 0; i < mark.length; i++) {
            mark[i] = sent[i].get();
        }
        return mark;
    }

    /** {@return whether every receiver has got these messages, or later ones} */
    boolean hasReached(long[] mark) {
        var failed = failure.get();
        if (failed != null) {
            throw new AssertionError(failed.getMessage(), failed);
        }
        for (var receiver : receivers) {
            for (int i = 0; i < mark.length; i++) {
                if (receiver[i].get() < mark[i]) {
                    return false;
                }
            }
        }
        return true;
    }

    /** {@return the progress, for a message about what is missing} */
    String progress() {
        var text = new StringBuilder(name);
        for (int i = 0; i < sent.length; i++) {
            text.append(" sent ").append(sent[i].get()).append(", received");
            for (var receiver : receivers) {
                text.append(' ').append(receiver[i].get());
            }
        }
        return text.toString();
    }

    long checkedBytes() {
        return checkedBytes.get();
    }

    /** {@return how many messages receivers missed} */
    long lost() {
        return lost.get();
    }

    /** Send nothing more. */
    void fallSilent() {
        sending = false;
        threads.stream().filter(thread -> thread.getName().contains("-sender-")).forEach(Lane::join);
    }

    /** Accept from now on that streams end in good order, and that senders are reset. */
    void expectOrderlyEnd() {
        ending = true;
    }

    /**
     * Wait until the streams of all receivers have ended in good order.
     *
     * @param isComplete whether the receivers must have got all that was sent
     */
    void awaitEnd(boolean isComplete) {
        threads.stream()
                .filter(thread -> thread.getName().contains("-receiver-"))
                .forEach(Lane::join);
        if (!hasReached(mark()) && isComplete) {
            throw new AssertionError("not all has arrived: " + progress());
        }
    }

    private static void join(Thread thread) {
        try {
            if (!thread.join(Forwarder.LIMIT)) {
                throw new AssertionError(thread.getName() + " does not end");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Accept from now on that connections end. */
    void expectEnd() {
        ended = true;
    }

    /** Close all members, and count what was sent but not received as lost. */
    void interrupt() {
        end();
        for (var receiver : receivers) {
            for (int i = 0; i < sent.length; i++) {
                lost.addAndGet(sent[i].get() - receiver[i].getAndSet(sent[i].get()));
            }
        }
    }

    /** Close all members and wait for their threads. */
    void end() {
        ended = true;
        sending = false;
        for (var socket : sockets) {
            try {
                socket.close();
            } catch (UncheckedIOException _) {
                // The connection was reset.
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        threads.forEach(Lane::join);
        threads.clear();
    }
}
