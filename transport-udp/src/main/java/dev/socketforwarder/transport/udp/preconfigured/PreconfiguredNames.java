package dev.socketforwarder.transport.udp.preconfigured;

import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.api.kit.Lookups;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The configured members' names, with their known addresses.
 *
 * @param key the setting that names them
 * @param hosts one for each name, in the order of the configuration
 */
public record PreconfiguredNames(String key, List<Host> hosts) {

    /** @param addresses sorted, since a name server may change its order; empty if not known yet */
    record Host(HostPort configured, List<InetSocketAddress> addresses) {
        private Host(HostPort configured, Map<String, List<InetAddress>> found) {
            this(configured, addresses(configured, found.getOrDefault(configured.host(), List.of())));
        }

        private static List<InetSocketAddress> addresses(HostPort configured, List<InetAddress> found) {
            return found.stream()
                    .sorted(Comparator.comparing(InetAddress::getHostAddress))
                    .map(address -> new InetSocketAddress(address, configured.portNumber()))
                    .toList();
        }
    }

    public PreconfiguredNames {
        hosts = List.copyOf(hosts);
    }

    /** Make the names of an endpoint, with the addresses found for its hosts. */
    public static PreconfiguredNames of(
            String endpoint, List<HostPort> configured, Map<String, List<InetAddress>> found) {
        var key = "transports." + endpoint + ".preconfig-addresses";
        return new PreconfiguredNames(
                key, configured.stream().map(each -> new Host(each, found)).toList());
    }

    /** {@return the same with other addresses for {@code host}} */
    PreconfiguredNames with(String host, List<InetAddress> found) {
        return new PreconfiguredNames(
                key,
                hosts.stream()
                        .map(each -> each.configured().host().equals(host)
                                ? new Host(each.configured(), Map.of(host, found))
                                : each)
                        .toList());
    }

    /** {@return the same with the addresses that {@code other} knows for its hosts} */
    PreconfiguredNames knowing(PreconfiguredNames other) {
        var all = this;
        for (var host : other.hosts) {
            if (!host.addresses().isEmpty()) {
                all = all.with(
                        host.configured().host(),
                        host.addresses().stream()
                                .map(InetSocketAddress::getAddress)
                                .toList());
            }
        }
        return all;
    }

    /** {@return the names without a known address, each once} */
    public List<String> unknown() {
        return hosts.stream()
                .filter(each -> each.addresses().isEmpty())
                .map(each -> each.configured().host())
                .distinct()
                .toList();
    }

    /** {@return whether there are names, whose addresses may change} */
    public boolean haveNames() {
        return hosts.stream()
                .anyMatch(each -> !Lookups.isAddress(each.configured().host()));
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
