package dev.socketforwarder.runtime.server;

import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.endpoints.EndpointContext;

/**
 * Holds what is in force now, which a reload changes. It refers to no endpoint and to no plugin that is gone. Thread-safe.
 */
public final class Current {
    private volatile Configuration configuration;
    private volatile ServerOptions options;
    private volatile EndpointContext.Shared shared;

    public Current(Setup setup) {
        this.configuration = setup.configuration();
        this.options = setup.options();
        this.shared = setup.shared();
    }

    /** {@return the configuration that was read last and could be used} */
    public Configuration configuration() {
        return configuration;
    }

    public ServerOptions options() {
        return options;
    }

    EndpointContext.Shared shared() {
        return shared;
    }

    /** Use these plugins from now on. */
    void adopt(EndpointContext.Shared others) {
        shared = others;
    }

    /** Put another configuration in force. */
    void adopt(Setup fresh) {
        configuration = fresh.configuration();
        options = fresh.options();
        shared = fresh.shared();
    }
}
