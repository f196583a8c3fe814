package dev.socketforwarder.runtime.plugins;

import dev.socketforwarder.runtime.text.Printable;

/**
 * A transport or handshake policy that was found, and its origin.
 *
 * @param service the transport or handshake policy
 * @param name the name that the configuration uses
 * @param version the module's version; empty if it has none
 * @param location the location of its archive or folder; empty if unknown
 * @param plugin the name of its plugin; empty if it belongs to the image
 */
public record Plugin<S>(S service, String name, String module, String version, String location, String plugin) {

    /** {@return whether the service comes from a plugin; such code may hang or fail, and the runtime must survive that} */
    public boolean isForeign() {
        return !plugin.isEmpty();
    }

    /** {@return the service and its origin, as messages show them} */
    public String describe() {
        return '"' + name + "\" of module " + module + (version.isEmpty() ? "" : "@" + version)
                + (plugin.isEmpty() ? "" : " of plugin " + Printable.quoted(plugin));
    }
}
