package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Dialling;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.runtime.streams.arrival.Securing;
import dev.socketforwarder.runtime.streams.dial.Dialler;
import dev.socketforwarder.runtime.streams.dial.Joining;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The servers that one endpoint dials: keeps one dialler for each server, and makes connected sockets members.
 * Thread-safe.
 */
final class Dialled implements Joining {
    /** Far more than a turn of the endpoint's loop ever takes. */
    private static final Duration TURN = Duration.ofSeconds(10);

    private final StreamServer server;

    // The fields below are guarded by this.
    private final Set<Dialler> diallers = new LinkedHashSet<>();
    private boolean ended;

    Dialled(StreamServer server) {
        this.server = server;
    }

    Dialling dial(Target target) {
        var dialler = new Dialler(server.context(), server.loops().lookups(), this, target);
        if (add(dialler)) {
            server.context().loop().execute(dialler::begin);
        }
        return () -> end(dialler);
    }

    private synchronized boolean add(Dialler dialler) {
        return !ended && diallers.add(dialler);
    }

    private void end(Dialler dialler) {
        synchronized (this) {
            diallers.remove(dialler);
        }
        server.context().loop().execute(dialler::end);
    }

    /** Dial no more, for good, and wait until that has taken effect. Never called on the endpoint's loop. */
    void end() {
        List<Dialler> all;
        synchronized (this) {
            ended = true;
            all = List.copyOf(diallers);
            diallers.clear();
        }
        if (!all.isEmpty()) {
            server.context().loop().call(() -> all.forEach(Dialler::end), TURN);
        }
    }

    @Override
    public Runnable join(SocketChannel socket, Peer peer, Target target, Outcome outcome) {
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
