package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.AddressKey;
import dev.socketforwarder.runtime.streams.loop.AddressLimits;
import dev.socketforwarder.runtime.streams.loop.FairPlaces;
import dev.socketforwarder.runtime.streams.member.StreamContext;
import dev.socketforwarder.runtime.streams.member.StreamSettings;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Decides which peers an endpoint lets in before a byte is read, and how many. Thread-safe. */
public final class Admission {
    /** The key of all peers without an address, such as those of Unix domain sockets. */
    private static final AddressKey NAMELESS = new AddressKey(0, false);

    private static final Consumer<Reason> NOBODY = _ -> {};

    private final StreamContext shared;
    private final FairPlaces connections; // the places of all endpoints
    private final FairPlaces firstMessages;
    private final AddressLimits own; // of this endpoint
    private volatile Limits limits;

    /**
     * The limits of one address.
     *
     * @param connections of its connections: those configured for this endpoint, or else the defaults for all endpoints
     * @param beforeJoin of its connections that have not joined
     */
    private record Limits(List<AddressLimits> connections, Optional<AddressLimits> beforeJoin) {}

    Admission(StreamContext shared) {
        this.shared = shared;
        var settings = shared.settings();
        connections = shared.loops().fairPlaces(shared.context().connections());
        firstMessages = new FairPlaces(new Places(settings.firstMessages()));
        own = new AddressLimits(0, 0, System::nanoTime);
        adopt(settings);
    }

    /** Put other limits in force for connections that come from now on. */
    void adopt(StreamSettings settings) {
        boolean isDefault = settings.hasUsualPerAddress();
        own.change(isDefault ? 0 : settings.perAddress(), settings.acceptRate());
        firstMessages.resize(settings.firstMessages());
        limits = isDefault
                ? new Limits(List.of(own, connections.addressLimits()), Optional.of(firstMessages.addressLimits()))
                : new Limits(List.of(own), Optional.empty());
    }

    private static AddressKey key(Peer peer) {
        return peer.address().map(AddressKey::of).orElse(NAMELESS);
    }

    /**
     * The places of one connection, each given back once. Used by one thread at a time, except for {@link #surrender}.
     */
    public final class Entry implements FairPlaces.Holder {
        private final Consumer<Reason> onLeft;
        private AddressKey source = NAMELESS;
        private InetAddress counted; // null: the connection does not count for any address
        private final Limits limits = Admission.this.limits; // those in force when the connection came
        private int limitsEntered;
        private boolean isCountedBeforeJoin;

        // The fields below are guarded by this.
        private boolean hasPlace;
        private boolean hasFirstMessage;
        private boolean isAsked; // the policies are asked, and use the first message
        private boolean isThrough; // the first message is over, or the connection is closed
        private Reason evicted; // null: the connection has not been evicted
        private Consumer<Reason> onEvicted = NOBODY;

        /** Make an entry without places. {@code onLeft} is told later why the connection has ended. */
        Entry(Consumer<Reason> onLeft) {
            this.onLeft = onLeft;
        }

        /** {@return whether a connection that the configuration asks for has got a place among all connections} */
        boolean takePlace() {
            return take(connections);
        }

        /**
         * {@return why this peer is refused; empty: the peer has its places} The entry needs a {@link #leave} in either
         * case.
         */
        Optional<Reason> enter(Peer peer) {
            source = key(peer);
            if (!take(connections)) {
                return Optional.of(Reason.TOO_MANY_CONNECTIONS);
            }
            if (!take(firstMessages)) {
                return Optional.of(Reason.TOO_MANY_FIRST_MESSAGES);
            }
            expose();
            return Optional.empty();
        }

        private boolean take(FairPlaces places) {
            boolean taken = places.take(source);
            synchronized (this) {
                if (places == connections) {
                    hasPlace = taken;
                } else {
                    hasFirstMessage = taken;
                }
            }
            return taken;
        }

        private void expose() {
            connections.expose(source, this);
            firstMessages.expose(source, this);
        }

        private void protect() {
            connections.protect(source, this);
            firstMessages.protect(source, this);
        }

        /**
         * {@return why this peer is refused; empty: it is not} A peer without an address does not count for any
         * address.
         */
        Optional<Reason> identify(Peer peer) {
            if (!shared.rules().filter().admits(peer)) {
                return Optional.of(Reason.DENIED_ADDRESS);
            }
            return peer.address().flatMap(this::count);
        }

        private Optional<Reason> count(InetAddress address) {
            counted = address;
            for (var each : limits.connections()) {
                var refusal = each.enter(address);
                if (refusal.isPresent()) {
                    return refusal;
                }
                limitsEntered++;
            }
            var refusal = limits.beforeJoin().flatMap(each -> each.enter(address));
            isCountedBeforeJoin = limits.beforeJoin().isPresent() && refusal.isEmpty();
            return refusal;
        }

        /** Count the connection as the client's from now on, since the proxy's header named the client. */
        Optional<Reason> identifyClient(Peer client) {
            protect();
            source = key(client);
            var refusal = identify(client);
            if (refusal.isEmpty()) {
                expose();
            }
            return refusal;
        }

        /**
         * Run {@code action}, on any thread, when the connection has to make room for another; at once if that has
         * happened already.
         */
        synchronized void onEvicted(Consumer<Reason> action) {
            onEvicted = action;
            evicted().ifPresent(action);
        }

        /** {@return why the connection had to make room for another; empty: it did not have to} */
        synchronized Optional<Reason> evicted() {
            return Optional.ofNullable(evicted);
        }

        @Override
        public synchronized boolean surrender(FairPlaces places) {
            boolean isPlace = places == connections;
            boolean has = isPlace ? hasPlace : hasFirstMessage && !isAsked;
            if (isThrough || !has) {
                return false;
            }
            if (isPlace) {
                hasPlace = false;
            } else {
                hasFirstMessage = false;
            }
            if (evicted == null) {
                evicted = isPlace ? Reason.TOO_MANY_CONNECTIONS : Reason.TOO_MANY_FIRST_MESSAGES;
                onEvicted.accept(evicted);
            }
            return true;
        }

        /**
         * Note that policies use the first message until {@link #answered}. Until then the message keeps its place,
         * even if the connection closes.
         */
        void asked() {
            synchronized (this) {
                isAsked = true;
            }
            firstMessages.protect(source, this);
        }

        /** Note that the policies have answered. */
        void answered() {
            boolean isOver;
            synchronized (this) {
                isAsked = false;
                isOver = isThrough;
            }
            if (isOver) {
                endFirstMessage();
            } else {
                firstMessages.expose(source, this);
            }
        }

        /**
         * {@return whether the first message is over and nobody can evict the connection any more; false: it has been
         * evicted}
         */
        boolean joined() {
            synchronized (this) {
                if (evicted != null) {
                    return false;
                }
                isThrough = true;
                onEvicted = NOBODY; // lets the collector have the first message, since members keep their entry
            }
            protect();
            endFirstMessage();
            return true;
        }

        private void endFirstMessage() {
            boolean givesBack;
            synchronized (this) {
                if (isAsked) {
                    return;
                }
                givesBack = hasFirstMessage;
                hasFirstMessage = false;
            }
            if (givesBack) {
                firstMessages.giveBack();
            }
            if (isCountedBeforeJoin) {
                isCountedBeforeJoin = false;
                firstMessages.addressLimits().leave(counted);
            }
        }

        /** {@return the action that is told why the connection has ended} */
        Consumer<Reason> onLeft() {
            return onLeft;
        }

        /** Give all places back, because the connection is closed. */
        void leave() {
            boolean givesBack;
            synchronized (this) {
                isThrough = true;
                givesBack = hasPlace;
                hasPlace = false;
            }
            protect();
            endFirstMessage();
            if (givesBack) {
                connections.giveBack();
            }
            while (limitsEntered > 0) {
                limits.connections().get(--limitsEntered).leave(counted);
            }
        }
    }
}
