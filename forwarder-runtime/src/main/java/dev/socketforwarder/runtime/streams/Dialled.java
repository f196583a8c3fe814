package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Dialling;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.runtime.streams.arrival.Securing;
import dev.socketforwarder.runtime.streams.dial.Dialler;
import dev.socketforwarder.runtime.streams.dial.Joining;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The servers that one endpoint dials: keeps one dialler for each server, and makes connected sockets members.
 * Thread-safe.
 */
final class Dialled implements Joining {
    /** Far more than a turn of the endpoint's loop ever takes. */
    private static final Duration TURN = Duration.ofSeconds(10);

    private final StreamServer server;

    // The fields below are guarded by this.
    private final Map<Dialler, Target> diallers = new LinkedHashMap<>();
    private final Map<Target, SocketChannel> connected = new IdentityHashMap<>();
    private boolean ended;

    Dialled(StreamServer server) {
        this.server = server;
    }

    Dialling dial(Target target) {
        var dialler = new Dialler(server.context(), server.loops().lookups(), this, target);
        if (add(dialler, target)) {
            server.context().loop().execute(dialler::begin);
        }
        return new Dialling() {
            @Override
            public void close() {
                end(dialler, () -> forget(target));
            }

            @Override
            public void hangUp() {
                end(dialler, () -> Dialled.this.hangUp(target));
            }
        };
    }

    private synchronized boolean add(Dialler dialler, Target target) {
        return !ended && diallers.putIfAbsent(dialler, target) == null;
    }

    private synchronized SocketChannel forget(Target target) {
        return connected.remove(target);
    }

    /** End our reading. The member's loop takes this for the end of the server's side. */
    private void hangUp(Target target) {
        var socket = forget(target);
        if (socket != null) {
            try {
                socket.shutdownInput();
            } catch (IOException _) {
                // The connection has ended by itself.
            }
        }
    }

    /** {@return what makes the TLS engines for the servers} */
    synchronized Set<Tls> tls() {
        return diallers.values().stream()
                .flatMap(target -> target.tls().stream())
                .collect(Collectors.toSet());
    }

    private void end(Dialler dialler, Runnable afterwards) {
        synchronized (this) {
            diallers.remove(dialler);
        }
        server.context().loop().execute(() -> {
            dialler.end();
            afterwards.run();
        });
    }

    /** Dial no more, for good, and wait until that has taken effect. Never called on the endpoint's loop. */
    void end() {
        List<Dialler> all;
        synchronized (this) {
            ended = true;
            all = List.copyOf(diallers.keySet());
            diallers.clear();
        }
        if (!all.isEmpty()) {
            server.context().loop().call(() -> all.forEach(Dialler::end), TURN);
        }
    }

    @Override
    public Runnable join(SocketChannel socket, Peer peer, Target target, Outcome outcome) {
        synchronized (this) {
            connected.put(target, socket);
        }
        if (target.tls().isPresent()) {
            var greeting = HandedOver.copy(target.greeting());
            var securing = new Securing(server.reception(), socket, peer, target, _ -> greeting, outcome);
            server.place(socket, peer, target.group(), securing::onClosed, securing::begin);
            return securing::giveUp;
        }
        outcome.onReady();
        server.join(socket, peer, target.group(), target.greeting(), outcome::onClosed);
        return () -> {};
    }
}
