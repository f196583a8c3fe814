package dev.socketforwarder.runtime.config;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Recognises the variables that Kubernetes injects into every container for a service named {@code socketforwarder} or {@code
 * socketforwarder-something}, and that look like settings.
 */
final class ServiceLinks {
    private static final String HOST = "_SERVICE_HOST";
    private static final Pattern URL = Pattern.compile("(tcp|udp|sctp)://.*");
    private static final Pattern URL_NAME = Pattern.compile("_PORT(_[0-9]+_(TCP|UDP|SCTP))?");
    private static final Pattern REST = Pattern.compile(
            "_SERVICE_HOST|_SERVICE_PORT(_[A-Z0-9_]+)?|_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?");

    private final Set<String> services = new TreeSet<>();

    /** Find the services among the names of all variables. */
    ServiceLinks(Set<String> variables) {
        for (var name : variables) {
            if (name.startsWith(Environment.UPPER) && name.endsWith(HOST)) {
                services.add(name.substring(0, name.length() - HOST.length()));
            }
        }
    }

    /** {@return whether this variable is such a link, and so no setting} */
    boolean contains(String name, String value) {
        int port = name.lastIndexOf("_PORT");
        if (URL.matcher(value).matches()
                && port > 0
                && URL_NAME.matcher(name.substring(port)).matches()) {
            return true;
        }
        return services.stream()
                .anyMatch(service -> name.startsWith(service)
                        && REST.matcher(name.substring(service.length())).matches());
    }
}
