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
 * Looks up host names without blocking event loops. Thread-safe. A look-up can hang for half a minute when the name service is
 * silent.
 *
 * <p>A host that is written as an address gets its answer at once, on the caller's thread. Several callers that ask for one name
 * share one look-up. Names are looked up in the order of the calls. Some threads are reserved for names whose last look-up was
 * fast. So look-ups that hang do not delay these names for long, however many they are. A plain thread pool would neither share
 * look-ups nor reserve threads.
 */
public final class Lookups {
    private static final int MOST = 128;
    private static final int MOST_UNPROVEN = 96;
    private static final long PROMPT_NS = TimeUnit.SECONDS.toNanos(1);

    /** Looks up one host name. Thread-safe. */
    @FunctionalInterface
    public interface Resolver {
        /**
         * {@return all addresses of a host; may block}
         *
         * @param host the name of the host
         * @throws IOException if the host has no address
         */
        List<InetAddress> resolve(String host) throws IOException;
    }

    private record Waiting(String host, CompletableFuture<List<InetAddress>> answer) {}

    private final Executor threads;
    private final Resolver resolver;

    // Guarded by this.
    private final Map<String, CompletableFuture<List<InetAddress>>> pending = new HashMap<>();
    private final Set<String> proven = new HashSet<>(); // names whose last look-up was fast
    private final ArrayDeque<Waiting> waitingProven = new ArrayDeque<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private int running;
    private int runningUnproven;

    /**
     * Make look-ups that ask the machine's name service, on separate threads. The threads exist only while names are looked up.
     *
     * @param threads the beginning of the threads' names
     */
    public Lookups(String threads) {
        // The threads are daemons: a look-up cannot be interrupted, and must not keep the process from ending.
        this(
                Executors.newCachedThreadPool(
                        Thread.ofPlatform().name(threads, 0).daemon().factory()),
                host -> List.of(InetAddress.getAllByName(host)));
    }

    /**
     * Make look-ups that ask another name service. For tests.
     *
     * @param threads runs each task at once on a thread; receives no more than 128 tasks at a time
     * @param resolver receives names, never addresses
     */
    public Lookups(Executor threads, Resolver resolver) {
        this.threads = threads;
        this.resolver = resolver;
    }

    /**
     * {@return whether a host is written as an address, so that it needs no look-up}
     *
     * @param host a name or an address, without brackets
     */
    public static boolean isAddress(String host) {
        if (host.indexOf(':') >= 0) {
            return true; // not parsed, since the zone may name an interface that does not exist now
        }
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /**
     * Look up a host. Does not block.
     *
     * @param host a name or an address, without brackets
     * @return at least one address, or an {@link IOException} if the host has none; completed on a thread of the look-ups
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
        return answer.copy(); // callers share the answer, and no caller may complete the answer of another
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
     * Look up several hosts, and wait for the answers.
     *
     * @param hosts names or addresses, without brackets
     * @param limit the longest wait, for all hosts together
     * @return the addresses of all hosts that were found in time
     */
    public Map<String, List<InetAddress>> find(Collection<String> hosts, Duration limit) {
        var answers = new HashMap<String, CompletableFuture<List<InetAddress>>>();
        hosts.forEach(host -> answers.computeIfAbsent(host, this::find));
        CompletableFuture.allOf(answers.values().toArray(CompletableFuture<?>[]::new))
                .completeOnTimeout(null, limit.toNanos(), TimeUnit.NANOSECONDS)
                .handle((_, _) -> null) // hosts that failed are omitted below
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
     * Look up names now, and again whenever some time has passed since the last answer. Addresses among the hosts are ignored.
     *
     * @param hosts names and addresses, possibly with duplicates
     * @param interval the time from an answer to the next look-up
     * @param onFound receives a name and its addresses after each successful look-up; runs on a thread of the look-ups, and must
     *     not block
     * @return the repeated look-ups, which end when they are closed
     */
    public Following follow(
            Collection<String> hosts, Duration interval, BiConsumer<String, List<InetAddress>> onFound) {
        var following = new Following(interval, onFound);
        new LinkedHashSet<>(hosts).stream().filter(host -> !isAddress(host)).forEach(following::look);
        return following;
    }

    /** Looks up names repeatedly until closed. */
    public final class Following implements AutoCloseable {
        private final Duration interval;
        private volatile BiConsumer<String, List<InetAddress>> onFound; // null once closed

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

        /** End the repeated look-ups. The method does not wait for a look-up in progress, whose result is dropped. */
        @Override
        public void close() {
            onFound = null;
        }
    }
}
