package dev.socketforwarder.runtime;

/**
 * A service that was found, and where.
 *
 * @param service a transport, or a handshake policy
 * @param name by which configuration asks for it
 * @param version its module's; empty if it has none
 * @param location its archive's; empty if unknown
 */
record Plugin<S>(S service, String name, String module, String version, String location) {

    /** {@return how messages name it} */
    String describe() {
        return '"' + name + "\" of module " + module + (version.isEmpty() ? "" : "@" + version);
    }
}
