package dev.socketforwarder.transport.udp;

import java.net.InetSocketAddress;

/**
 * What may be another forwarder, as far as registrations tell. A forwarder sends on what it gets, but never a registration: so
 * who registered itself is none. Used on one thread of the endpoint.
 */
final class Forwarders {
    private final Registry registry;
    private final Senders senders;
    private final boolean registersAll;
    private final boolean shares;

    Forwarders(UdpSettings settings, Registry registry, Senders senders) {
        this.registry = registry;
        this.senders = senders;
        this.registersAll = settings.members().registration() == RegistrationMode.AUTO;
        this.shares = !settings.group().isEmpty();
    }

    /** {@return whether there may be one among the members, or beyond those of another endpoint in the same group} */
    boolean mayBeMembers() {
        return shares || registry.hasUnproven();
    }

    /** {@return whether a registration that {@code source} asks for proves that it is none, if it is its own} */
    boolean areNot(InetSocketAddress source, InetSocketAddress address) {
        return !registersAll && address.equals(source);
    }

    /** {@return whether {@code source} may be one, and have got from here what it sends} */
    boolean maySendOn(InetSocketAddress source) {
        return mayBeMembers() && (registersAll || !senders.isRegistrar(source));
    }
}
