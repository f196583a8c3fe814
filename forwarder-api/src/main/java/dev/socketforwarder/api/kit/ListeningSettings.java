package dev.socketforwarder.api.kit;

import dev.socketforwarder.api.Settings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * The settings of an endpoint that accepts TCP connections.
 *
 * @param hosts {@code host-address}: the hosts to listen on, as {@link ListeningHosts#read} returns them; if empty, the endpoint
 *     listens nowhere
 * @param port {@code port}: 0 lets the kernel choose
 * @param backlog {@code backlog}: how many connections may wait in the kernel until they are accepted
 * @param reusePort {@code reuse-port}: whether another process of the same user may bind the same addresses
 */
public record ListeningSettings(List<String> hosts, int port, int backlog, boolean reusePort) {

    /** The settings of an endpoint that listens nowhere. */
    public static final ListeningSettings NOWHERE = new ListeningSettings(List.of(), 0, 1, false);

    /** Copies the list. */
    public ListeningSettings {
        hosts = List.copyOf(hosts);
    }

    /**
     * Read all of these settings, the port last. A missing port ends the reading by an exception, so call this method where the
     * reading may end: behind everything else that the transport reads.
     *
     * @param settings the settings of the endpoint
     * @return the settings
     * @throws dev.socketforwarder.api.MissingSettingException if the port is missing; the other settings have been read by then
     * @throws dev.socketforwarder.api.SettingException if a value is not allowed
     */
    public static ListeningSettings read(Settings settings) {
        var hosts = ListeningHosts.read(settings);
        int backlog = settings.number("backlog", 1_024, 1, 65_535);
        boolean reusePort = settings.flag("reuse-port", false);
        return new ListeningSettings(hosts, settings.required("port", 0, 65_535), backlog, reusePort);
    }

    /** {@return at least one address for each host} */
    List<InetSocketAddress> addresses() throws IOException {
        return ListeningHosts.resolve("host-address", hosts).stream()
                .map(address -> new InetSocketAddress(address, port))
                .toList();
    }

    /** {@return whether both name the same addresses} */
    boolean isAt(ListeningSettings other) {
        return port == other.port && hosts.equals(other.hosts);
    }
}
