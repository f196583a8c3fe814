package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.HostPort;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The addresses that the members named in configuration have.
 *
 * @param key the setting that names them
 * @param hosts for each as it is written, in that order
 * @param resolver looks them up
 */
record PreconfiguredNames(String key, List<Host> hosts, Resolver resolver) {
    private static final Logger LOG = System.getLogger(PreconfiguredNames.class.getName());

    /** Looks up names. Thread-safe. */
    @FunctionalInterface
    interface Resolver {
        /**
         * {@return all addresses of a host; may block}
         *
         * @throws IOException if it has none; the message names {@code key}, and is for the user
         */
        List<InetAddress> resolve(String key, String host) throws IOException;
    }

    /** @param addresses in an order of their own, since a name server may change its */
    record Host(HostPort configured, List<InetSocketAddress> addresses) {}

    PreconfiguredNames {
        hosts = List.copyOf(hosts);
    }

    /**
     * Look up all names. Blocks.
     *
     * @throws IOException if one is not known; the message is for the user
     */
    static PreconfiguredNames lookUp(String endpoint, List<HostPort> configured, Resolver resolver) throws IOException {
        var key = "transports." + endpoint + ".preconfig-addresses";
        var hosts = new ArrayList<Host>();
        for (var each : configured) {
            hosts.add(new Host(each, addresses(key, each, resolver)));
        }
        return new PreconfiguredNames(key, hosts, resolver);
    }

    private static List<InetSocketAddress> addresses(String key, HostPort configured, Resolver resolver)
            throws IOException {
        return resolver.resolve(key, configured.host()).stream()
                .sorted(Comparator.comparing(InetAddress::getHostAddress))
                .map(address -> new InetSocketAddress(address, configured.portNumber()))
                .toList();
    }

    /** {@return the same as it is now; a name that is not known at the moment stands for what it stood for. Blocks} */
    PreconfiguredNames lookUpAgain() {
        var fresh = new ArrayList<Host>();
        for (var host : hosts) {
            fresh.add(isName(host) ? again(host) : host);
        }
        return new PreconfiguredNames(key, fresh, resolver);
    }

    private Host again(Host host) {
        try {
            return new Host(host.configured(), addresses(key, host.configured(), resolver));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Looking up a member again failed", e);
            return host;
        }
    }

    /** {@return whether there is anything whose addresses may change} */
    boolean haveNames() {
        return hosts.stream().anyMatch(PreconfiguredNames::isName);
    }

    private static boolean isName(Host host) {
        try {
            InetAddress.ofLiteral(host.configured().host());
            return false;
        } catch (IllegalArgumentException _) {
            return true;
        }
    }

    /** {@return all addresses, each with the first host that has it} */
    LinkedHashMap<InetSocketAddress, Host> addresses() {
        var all = new LinkedHashMap<InetSocketAddress, Host>();
        for (var host : hosts) {
            host.addresses().forEach(address -> all.putIfAbsent(address, host));
        }
        return all;
    }
}
