package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.AddressFilter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import java.net.InetSocketAddress;
import java.util.Optional;

/** Whom an endpoint lets in, before a byte is read. Thread-safe. */
final class Door {
    private final AddressFilter filter;

    Door(TransportContext context) {
        filter = AddressFilter.read(context.settings());
    }

    /** {@return why this peer may not come in, if so} */
    Optional<Reason> refusal(InetSocketAddress remote) {
        return filter.admits(remote.getAddress()) ? Optional.empty() : Optional.of(Reason.DENIED_ADDRESS);
    }
}
