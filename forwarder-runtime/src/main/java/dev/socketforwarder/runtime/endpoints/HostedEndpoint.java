package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.runtime.plugins.Plugin;
import dev.socketforwarder.runtime.process.TimeLimit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * An endpoint that a transport opened, with what the runtime gave to it.
 *
 * @param name the key under {@code transports:}
 */
public record HostedEndpoint(String name, Plugin<Transport> transport, EndpointContext context, Endpoint endpoint) {
    private static final Logger LOG = System.getLogger(HostedEndpoint.class.getName());
    private static final Duration LONGEST_ADOPTION = Duration.ofSeconds(10);

    /**
     * Go on with what another reading of the configuration says, while the members stay.
     *
     * @param fresh the same endpoint, opened with that reading; it never starts unless this call returns false
     * @param changed the keys whose values are not what they were
     * @return whether the endpoint goes on; false: nothing has changed, and {@code fresh} must take its place
     * @throws IOException if what the changed settings name cannot be used; then nothing has changed
     */
    public boolean adopt(HostedEndpoint fresh, Collection<String> changed) throws IOException {
        if (!transport.equals(fresh.transport)) {
            return false;
        }
        boolean isConcerned = changed.stream()
                .anyMatch(key -> context.readByTransport().contains(key)
                        || fresh.context.readByTransport().contains(key));
        if (isConcerned) {
            fresh.context.prepareReading();
            if (!adoptTransport(fresh)) {
                return false;
            }
        }
        context.adopt(fresh.context, isConcerned);
        return true;
    }

    private boolean adoptTransport(HostedEndpoint fresh) throws IOException {
        try {
            return TimeLimit.call(name + "-adopt", LONGEST_ADOPTION, () -> false, () -> endpoint.adopt(fresh.endpoint));
        } catch (ExecutionException | TimeoutException e) {
            if (e.getCause() instanceof UncheckedIOException cause) {
                throw cause.getCause();
            }
            LOG.log(
                    Level.WARNING,
                    "transport " + transport.describe() + " failed to change the settings of " + name
                            + ", which is started again with them",
                    e);
            return false;
        }
    }

    /** {@return whether each group that members of this endpoint make would have the same framing with {@code other}} */
    public boolean hasFramingsOf(HostedEndpoint other) {
        return context.rules().hasFramingsOf(other.context.rules());
    }

    /** {@return whether the transport or one of the policies belongs to this plugin} */
    public boolean isServedBy(String plugin) {
        return transport.plugin().equals(plugin) || context.asks(plugin);
    }
}
