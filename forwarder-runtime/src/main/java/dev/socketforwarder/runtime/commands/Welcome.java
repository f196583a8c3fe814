package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.admin.AdminSettings;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.policies.TokenPolicy;
import dev.socketforwarder.runtime.text.Addresses;
import dev.socketforwarder.runtime.text.Printable;
import java.io.PrintStream;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Tells somebody at a terminal what runs where, how to join, and how to stop.
 *
 * @param running the endpoints that have started
 * @param admin the admin endpoint, if there is one
 */
record Welcome(Configuration configuration, List<HostedEndpoint> running, Optional<AdminSettings> admin) {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.:@%+/-]+");
    private static final List<String> TYPED = List.of("raw", "line"); // a length cannot be typed
    private static final String GROUP = "demo";
    private static final String TOKEN = "TOKEN";

    /** {@return whether both standard input and standard output are a terminal} */
    static boolean isWanted() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    /** Tell it. */
    void print(PrintStream out) {
        var rows = new LinkedHashMap<String, String>();
        running.forEach(each -> rows.put(each.name(), each.transport().service().protocol() + " " + addresses(each)));
        admin.filter(each -> each.address().getPort() > 0)
                .ifPresent(each -> rows.put(
                        Keys.ADMIN,
                        (each.tls().isPresent() ? "https://" : "http://") + Addresses.shown(each.address()) + "/"));
        int width = rows.keySet().stream().mapToInt(String::length).max().orElse(0);
        out.println();
        out.println("It runs:");
        rows.forEach((name, text) -> out.println("  " + name + " ".repeat(width - name.length()) + "  " + text));
        for (var protocol : List.of(Protocol.TCP, Protocol.UDP)) {
            line(protocol).ifPresent(line -> {
                out.println(
                        "To join over " + protocol + ", run this in two other terminals, and type lines into them:");
                out.println("  " + line);
                if (line.contains(TOKEN)) {
                    out.println("where TOKEN is the shared secret, or what \"socketforwarder token\" prints.");
                }
            });
        }
        out.println("To stop it, press Ctrl-C.");
        out.println();
    }

    private static String addresses(HostedEndpoint endpoint) {
        var all = endpoint.endpoint().localAddresses();
        return all.isEmpty()
                ? "(listens nowhere)"
                : all.stream().map(Addresses::shown).collect(Collectors.joining(", "));
    }

    /** {@return the command line that joins the first endpoint of this protocol that can be joined by hand} */
    private Optional<String> line(Protocol protocol) {
        return running.stream()
                .filter(each -> each.transport().service().protocol() == protocol)
                .filter(each -> !each.transport().isForeign()) // a plugin's members may speak otherwise
                .flatMap(each -> line(each, protocol).stream())
                .findFirst();
    }

    private Optional<String> line(HostedEndpoint endpoint, Protocol protocol) {
        boolean isTcp = protocol == Protocol.TCP;
        var policies = values(endpoint, Keys.HANDSHAKE);
        boolean needsToken = policies.contains(TokenPolicy.NAME);
        boolean isTyped = !isTcp || TYPED.contains(value(endpoint, "framing", "raw"));
        boolean isAsked = value(endpoint, "registration", "").equals("challenge"); // a cookie comes back first
        var address = endpoint.endpoint().localAddresses().stream()
                .filter(InetSocketAddress.class::isInstance)
                .map(InetSocketAddress.class::cast)
                .findFirst();
        if (address.isEmpty() || !isTyped || isAsked || !needsToken && !policies.contains(PrefixHandshake.NAME)) {
            return Optional.empty();
        }
        var prefix = value(endpoint, "new-client-prefix", PrefixHandshake.DEFAULT_PREFIX);
        var first = prefix + (needsToken ? isTcp ? TOKEN + ":" : TOKEN : "") + (isTcp ? GROUP : "");
        return Optional.of("(echo " + quoted(first) + "; cat) | " + client(endpoint, address.get(), isTcp));
    }

    private String client(HostedEndpoint endpoint, InetSocketAddress address, boolean isTcp) {
        var host = host(address);
        if (!isTcp) {
            return "nc -u " + host + " " + address.getPort();
        }
        boolean isSecured =
                !values(endpoint, Keys.TLS + "." + Keys.TLS_CERTIFICATE).isEmpty();
        boolean isMutual = value(endpoint, Keys.TLS + ".client-auth", "").equals("need");
        return isSecured
                ? "openssl s_client -quiet -connect " + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":"
                        + address.getPort() + (isMutual ? " -cert client.crt -key client.key" : "")
                : "nc " + host + " " + address.getPort();
    }

    private static String host(InetSocketAddress address) {
        var host = address.getAddress();
        if (!host.isAnyLocalAddress()) {
            return host.getHostAddress();
        }
        return host instanceof Inet4Address ? "127.0.0.1" : "::1";
    }

    private static String quoted(String text) {
        return PLAIN.matcher(text).matches() ? text : "'" + Printable.line(text).replace("'", "'\\''") + "'";
    }

    private String value(HostedEndpoint endpoint, String key, String fallback) {
        return values(endpoint, key).stream().findFirst().orElse(fallback);
    }

    private List<String> values(HostedEndpoint endpoint, String key) {
        return configuration
                .inForce(Keys.ofEndpoint(endpoint.name(), key))
                .map(InForce::values)
                .orElse(List.of());
    }
}
