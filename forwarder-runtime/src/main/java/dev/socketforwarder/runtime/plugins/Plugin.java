package dev.socketforwarder.runtime.plugins;

import dev.socketforwarder.runtime.text.Printable;

/**
 * A service that was found, and where.
 *
 * @param service a transport, or a handshake policy
 * @param name by which configuration asks for it
 * @param version its module's; empty if it has none
 * @param location its archive's or its folder's; empty if unknown
 * @param plugin the name of the plugin that it belongs to; empty if it is a part of the image
 */
public record Plugin<S>(S service, String name, String module, String version, String location, String plugin) {

    /** {@return whether somebody else wrote it, so that it is trusted to do no harm but not to do all right} */
    public boolean isForeign() {
        return !plugin.isEmpty();
    }

    /** {@return how messages name it} */
    public String describe() {
        return '"' + name + "\" of module " + module + (version.isEmpty() ? "" : "@" + version)
                + (plugin.isEmpty() ? "" : " of plugin " + Printable.quoted(plugin));
    }
}
