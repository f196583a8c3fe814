package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.runtime.plugins.Plugin;

/**
 * An endpoint that a transport opened, with what the runtime gave to it.
 *
 * @param name the key under {@code transports:}
 */
public record HostedEndpoint(String name, Plugin<Transport> transport, EndpointContext context, Endpoint endpoint) {

    /** {@return whether the transport or one of the policies belongs to this plugin} */
    public boolean isServedBy(String plugin) {
        return transport.plugin().equals(plugin) || context.asks(plugin);
    }
}
