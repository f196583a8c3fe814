package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.AddressBlock;
import dev.socketforwarder.api.AddressFilter;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Whom an endpoint lets in, before a byte is read, and how many. Thread-safe. */
final class Door {
    private static final String PROXIES = "proxy-protocol";

    private final AddressFilter filter;
    private final List<AddressBlock> proxies;
    private final Places connections;
    private final Places firstMessages;
    private final Crowd crowd;

    Door(TransportContext context, StreamSettings settings) {
        filter = AddressFilter.read(context.settings());
        proxies = AddressFilter.blocks(context.settings(), PROXIES);
        connections = context.connections();
        firstMessages = new Places(settings.firstMessages());
        crowd = new Crowd(settings.perAddress(), settings.acceptRate(), System::nanoTime);
    }

    /** {@return whether a proxy's header may come from anywhere} */
    boolean expectsProxies() {
        return !proxies.isEmpty();
    }

    /** {@return whether connections from here begin with a proxy's header, and are the client's that it names} */
    boolean isProxy(InetAddress address) {
        return AddressFilter.isIn(proxies, address);
    }

    /**
     * One connection's places, each given back once. Used by one thread at a time.
     *
     * <p>First it takes those that every connection needs, then those that depend on its address.
     */
    final class Entry {
        private final Consumer<Reason> onLeft;
        private boolean hasPlace;
        private boolean hasFirstMessage;
        private boolean isAsked; // the policies are, and have its first message
        private boolean isThrough; // its first message is over, or it is closed
        private InetAddress counted; // null: not counted by its address

        /** Make one without places; {@code onLeft} is to be told why the connection has ended. */
        Entry(Consumer<Reason> onLeft) {
            this.onLeft = onLeft;
        }

        /** {@return whether there is a place among all connections} */
        boolean takePlace() {
            hasPlace = connections.take();
            return hasPlace;
        }

        /** {@return why it may not come in, if so; it needs a {@link #leave} all the same} */
        Optional<Reason> enter() {
            if (!takePlace()) {
                return Optional.of(Reason.TOO_MANY_CONNECTIONS);
            }
            hasFirstMessage = firstMessages.take();
            return hasFirstMessage ? Optional.empty() : Optional.of(Reason.TOO_MANY_FIRST_MESSAGES);
        }

        /** {@return why this peer may not come in, if so; whoever has no address is not counted by it} */
        Optional<Reason> identify(Peer peer) {
            if (!filter.admits(peer)) {
                return Optional.of(Reason.DENIED_ADDRESS);
            }
            var address = peer.address();
            if (crowd.isUnlimited() || address.isEmpty()) {
                return Optional.empty();
            }
            var refusal = crowd.enter(address.get());
            if (refusal.isEmpty()) {
                counted = address.get();
            }
            return refusal;
        }

        /** Policies have its first message, and with it its place, even if it is closed, until {@link #answered}. */
        void asked() {
            isAsked = true;
        }

        /** They have answered. */
        void answered() {
            isAsked = false;
            if (isThrough) {
                joined();
            }
        }

        /** Its first message is over. */
        void joined() {
            isThrough = true;
            if (hasFirstMessage && !isAsked) {
                hasFirstMessage = false;
                firstMessages.giveBack();
            }
        }

        /** {@return who is told why it has ended} */
        Consumer<Reason> onLeft() {
            return onLeft;
        }

        /** It is closed. */
        void leave() {
            joined();
            if (hasPlace) {
                hasPlace = false;
                connections.giveBack();
            }
            if (counted != null) {
                crowd.leave(counted);
                counted = null;
            }
        }
    }
}
