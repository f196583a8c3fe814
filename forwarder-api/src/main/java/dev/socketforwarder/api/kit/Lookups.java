package dev.socketforwarder.api.kit;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future.State;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Looks up names of hosts away from the event loops, since a look-up can hang for half a minute when the name service is silent.
 * A plain pool of threads would not do: callers share a look-up, and names that hang must not fill the pool. Thread-safe.
 *
 * <p>A host that is written as an address is answered at once, on the caller's thread. Several callers who ask for one name share
 * one look-up. Names are looked up in the order of asking. Some threads are reserved for names that were answered promptly the last
 * time, so that look-ups that hang, however many, delay no other name for long.
 */
public final class Lookups {
    private static final int MOST = 128;
    private static final int MOST_UNPROVEN = 96;
    private static final long PROMPT_NS = TimeUnit.SECONDS.toNanos(1);

    /** Looks up one name. Thread-safe. */
    @FunctionalInterface
    public interface Resolver {
        /**
         * {@return all addresses of a host; may block}
         *
         * @param host its name
         * @throws IOException if it has none
         */
        List<InetAddress> resolve(String host) throws IOException;
    }

    private record Waiting(String host, CompletableFuture<List<InetAddress>> answer) {}

    private final Executor threads;
    private final Resolver resolver;

    // Guarded by this.
    private final Map<String, CompletableFuture<List<InetAddress>>> pending = new HashMap<>();
    private final Set<String> proven = new HashSet<>(); // names that were answered promptly
    private final ArrayDeque<Waiting> waitingProven = new ArrayDeque<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private int running;
    private int runningUnproven;

    /**
     * Make look-ups that ask the machine's name service, on threads of their own, which exist while names are looked up.
     *
     * @param threads what the names of its threads begin with
     */
    public Lookups(String threads) {
        // Daemons: what cannot be interrupted must not keep the process from ending.
        this(
                Executors.newCachedThreadPool(
                        Thread.ofPlatform().name(threads, 0).daemon().factory()),
                host -> List.of(InetAddress.getAllByName(host)));
    }

    /**
     * Make look-ups with another name service, for tests.
     *
     * @param threads runs each task at once on a thread; gets no more than 128 tasks at a time
     * @param resolver is asked for names, never for addresses
     */
    public Lookups(Executor threads, Resolver resolver) {
        this.threads = threads;
        this.resolver = resolver;
    }

    /**
     * {@return whether a host is written as an address, which is never looked up}
     *
     * @param host a name or an address, without brackets
     */
    public static boolean isAddress(String host) {
        if (host.indexOf(':') >= 0) {
            return true; // its zone may be the name of an interface that is not there now
        }
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /**
     * Look a host up. Does not block.
     *
     * @param host a name or an address, without brackets
     * @return at least one address, or an {@link IOException} if it has none; completed on one of the threads
     */
    public CompletableFuture<List<InetAddress>> find(String host) {
        if (isAddress(host)) {
            return ofAddress(host);
        }
        CompletableFuture<List<InetAddress>> answer;
        synchronized (this) {
            answer = pending.get(host);
            if (answer == null) {
                answer = new CompletableFuture<>();
                pending.put(host, answer);
                (proven.contains(host) ? waitingProven : waiting).add(new Waiting(host, answer));
                begin();
            }
        }
        return answer.copy(); // several may share it, and none may complete it for the others
    }

    private static CompletableFuture<List<InetAddress>> ofAddress(String host) {
        try {
            return CompletableFuture.completedFuture(List.of(InetAddress.getAllByName(host)));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void begin() {
        while (running < MOST && !waitingProven.isEmpty()) {
            begin(waitingProven.poll(), true);
        }
        while (running < MOST && runningUnproven < MOST_UNPROVEN && !waiting.isEmpty()) {
            begin(waiting.poll(), false);
        }
    }

    private void begin(Waiting next, boolean isProven) {
        running++;
        runningUnproven += isProven ? 0 : 1;
        threads.execute(() -> lookUp(next, isProven));
    }

    private void lookUp(Waiting name, boolean wasProven) {
        long beganNs = System.nanoTime();
        List<InetAddress> found = null;
        Throwable failure = null;
        try {
            found = List.copyOf(resolver.resolve(name.host()));
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
        ended(name.host(), wasProven, found != null && System.nanoTime() - beganNs < PROMPT_NS);
        if (failure == null) {
            name.answer().complete(found);
        } else {
            name.answer().completeExceptionally(failure);
        }
    }

    private synchronized void ended(String host, boolean wasProven, boolean isProven) {
        running--;
        runningUnproven -= wasProven ? 0 : 1;
        pending.remove(host);
        if (isProven) {
            proven.add(host);
        } else {
            proven.remove(host);
        }
        begin();
    }

    /**
     * Look several hosts up, and wait for them.
     *
     * @param hosts names or addresses, without brackets
     * @param limit how long to wait, for all of them together
     * @return the addresses of the hosts that were answered by then
     */
    public Map<String, List<InetAddress>> find(Collection<String> hosts, Duration limit) {
        var answers = new HashMap<String, CompletableFuture<List<InetAddress>>>();
        hosts.forEach(host -> answers.computeIfAbsent(host, this::find));
        CompletableFuture.allOf(answers.values().toArray(CompletableFuture<?>[]::new))
                .completeOnTimeout(null, limit.toNanos(), TimeUnit.NANOSECONDS)
                .handle((_, _) -> null) // whichever failed is left out
                .join();
        var known = new HashMap<String, List<InetAddress>>();
        answers.forEach((host, answer) -> {
            if (answer.state() == State.SUCCESS) {
                known.put(host, answer.join());
            }
        });
        return known;
    }

    /**
     * Look names up at once, and again whenever a time has passed since the last answer. An address is left out.
     *
     * @param hosts names, each once or more often, and addresses
     * @param interval between an answer and the next look-up
     * @param onFound is called with a name and its addresses after each successful look-up; on one of the threads, and must not block
     * @return the following, which ends when it is closed
     */
    public Following follow(
            Collection<String> hosts, Duration interval, BiConsumer<String, List<InetAddress>> onFound) {
        var following = new Following(interval, onFound);
        new LinkedHashSet<>(hosts).stream().filter(host -> !isAddress(host)).forEach(following::look);
        return following;
    }

    /** Looks names up again and again until it is closed. */
    public final class Following implements AutoCloseable {
        private final Duration interval;
        private volatile BiConsumer<String, List<InetAddress>> onFound; // null: it is over

        private Following(Duration interval, BiConsumer<String, List<InetAddress>> onFound) {
            this.interval = interval;
            this.onFound = onFound;
        }

        private void look(String host) {
            if (onFound != null) {
                find(host).whenComplete((found, _) -> answered(host, found));
            }
        }

        private void answered(String host, List<InetAddress> found) {
            var listener = onFound;
            if (listener == null) {
                return;
            }
            CompletableFuture.delayedExecutor(interval.toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
                    .execute(() -> look(host));
            if (found != null) {
                listener.accept(host, found);
            }
        }

        /** End the look-ups. A look-up under way is not awaited, and its result is dropped. */
        @Override
        public void close() {
            onFound = null;
        }
    }
}
