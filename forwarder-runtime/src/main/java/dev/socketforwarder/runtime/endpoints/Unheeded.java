package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.SettingsView;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Warns of settings that are right, and that change nothing: another setting has switched off what they are about, or each
 * endpoint has a value of its own.
 *
 * @param hosted the endpoints that can run, which have read what they heed
 */
record Unheeded(Configuration configuration, List<HostedEndpoint> hosted) {
    private static final String FRAMING = "framing";
    private static final String BY_ADDRESS = "address";
    private static final String PRECONFIGURED = "preconfig-addresses";
    private static final Set<String> FRAMED = Set.of("line", "length-prefixed", "delimiter");
    private static final String FIRST_MESSAGE = "first-message";
    private static final String WITHOUT_CONNECTIONS = "which does nothing, since no endpoint here has connections";
    private static final Set<String> PROTECTING = Set.of("allow", "deny");
    private static final List<String> OF_ADMIN =
            List.of("host", "token", "token-file", "hosts", "metrics-groups", Keys.TLS);

    /**
     * A setting that only matters while another one has one of these values.
     *
     * @param standard its default, which "config" prints, and which therefore may stand in a file
     */
    private record Need(String key, String standard, String other, Set<String> values) {}

    private static final List<Need> NEEDS = List.of(
            new Need("delimiter", "", FRAMING, Set.of("delimiter")),
            new Need("length-width", "4", FRAMING, Set.of("length-prefixed")),
            new Need("byte-order", "big", FRAMING, Set.of("length-prefixed")),
            new Need("max-message-size", "1MiB", FRAMING, FRAMED),
            new Need("message-timeout", "30s", FRAMING, FRAMED),
            new Need("unreachable-threshold", "10", "unreachable", Set.of("remove")));

    /** Look at all that is configured, once all keys that nobody knows have been told. */
    void look() {
        if (hosted.isEmpty()) {
            return;
        }
        if (hosted.stream().noneMatch(each -> each.transport().isForeign())) {
            NEEDS.forEach(this::look); // the messages of a plugin may have bounds without a framing
        }
        for (var endpoint : hosted) {
            var settings = configuration.endpoint(endpoint.name());
            if (settings.has("connect-timeout")
                    && !settings.has("connect")
                    && !texts(settings, "connect-timeout").equals(List.of("10s"))) {
                warn(settings, "connect-timeout", "which does nothing without connect");
            }
            lookAtPreconfigured(endpoint.name(), settings);
        }
        lookAtAdmin();
        lookAtGroups();
        lookAtRulesOfStreams();
        Keys.INHERITED.forEach(this::lookAtInherited);
    }

    /** Without an address, this policy matches nobody. Beside others it may stay, as in the default. */
    private void lookAtPreconfigured(String name, SettingsView settings) {
        boolean isAlone = List.of(BY_ADDRESS).equals(inForce(name, Keys.HANDSHAKE));
        if (isAlone && inForce(name, PRECONFIGURED).isEmpty()) {
            warn(
                    settings,
                    Keys.HANDSHAKE,
                    "which admits nobody, since " + PRECONFIGURED + " has no address; set it, or add a policy");
        }
    }

    private List<String> inForce(String endpoint, String key) {
        return configuration
                .inForce(Keys.ofEndpoint(endpoint, key))
                .map(InForce::values)
                .orElse(List.of());
    }

    private void look(Need need) {
        var parts = Stream.of(
                        Stream.of(configuration.topLevel()),
                        hosted.stream().map(each -> configuration.endpoint(each.name())),
                        configuration.groupNames().stream()
                                .map(name -> new SettingsView(configuration, Keys.GROUPS + "." + name + ".")))
                .flatMap(each -> each)
                .toList();
        // A value of the top level counts for endpoints and groups, and that of an endpoint for groups, so any of them
        // may need it.
        boolean isNeeded = parts.stream()
                .flatMap(part -> texts(part, need.other()).stream())
                .anyMatch(need.values()::contains);
        if (!isNeeded) {
            parts.stream()
                    .filter(part ->
                            part.has(need.key()) && !texts(part, need.key()).equals(List.of(need.standard())))
                    .forEach(part -> warn(
                            part,
                            need.key(),
                            "which does nothing unless " + need.other() + " is "
                                    + String.join(
                                            " or ",
                                            need.values().stream().sorted().toList())));
        }
    }

    private void lookAtAdmin() {
        var admin = configuration.topLevel().section(Keys.ADMIN);
        if (admin.has(Listening.PORT)) {
            return;
        }
        OF_ADMIN.stream()
                .filter(key -> admin.has(key))
                .forEach(key -> warn(admin, key, "which does nothing unless admin.port is set"));
    }

    /** Endpoints whose members name no group, and that have none, make only groups of their own, which no entry matches. */
    private void lookAtGroups() {
        boolean areNamed = hosted.stream()
                .anyMatch(each -> isForStreams(each)
                        || each.transport().isForeign() // its peers may name groups in datagrams
                        || configuration.endpoint(each.name()).has("group"));
        if (!areNamed) {
            configuration.groupNames().stream()
                    .findFirst()
                    .ifPresent(name -> configuration.warn(placeOf(Keys.GROUPS + "." + name) + Keys.GROUPS + "." + name
                            + " applies to no group, since no endpoint here has members with a named group"));
        }
    }

    /** Without connections, nobody heeds the rules for them, which an endpoint cannot set then, but a group can. */
    private void lookAtRulesOfStreams() {
        if (hosted.stream().anyMatch(each -> each.context().hasStreams())) {
            return;
        }
        for (var name : configuration.groupNames()) {
            var group = new SettingsView(configuration, Keys.GROUPS + "." + name + ".");
            Keys.OF_STREAMS.stream().filter(group::has).forEach(key -> warn(group, key, WITHOUT_CONNECTIONS));
        }
    }

    private void lookAtInherited(String key) {
        var top = configuration.topLevel();
        boolean isOfProcess = configuration.inForce(key).isPresent(); // the process has read it too
        if (!top.has(key) || isOfProcess || key.startsWith("token-")) {
            return;
        }
        boolean isHeeded = Keys.OF_STREAMS.contains(key)
                ? hosted.stream().anyMatch(each -> each.context().hasStreams())
                : !key.equals(FIRST_MESSAGE) || hosted.stream().anyMatch(Unheeded::isForStreams);
        if (!isHeeded) {
            warn(top, key, WITHOUT_CONNECTIONS);
            return;
        }
        var readers = hosted.stream()
                .map(HostedEndpoint::name)
                .filter(name ->
                        configuration.inForce(Keys.ofEndpoint(name, key)).isPresent())
                .toList();
        if (PROTECTING.contains(key)) {
            lookAtUnprotected(key, readers);
        }
        if (readers.isEmpty()) {
            warn(top, key, "which does nothing, since no endpoint here reads it");
        } else if (readers.stream().allMatch(name -> overrides(configuration.endpoint(name), key))) {
            var first = Keys.ofEndpoint(readers.getFirst(), key);
            var from = configuration.inForce(first).map(InForce::origin).map(origin -> " (" + origin.place() + ")");
            warn(top, key, "which does nothing, since each endpoint has its own: " + first + from.orElse(""));
        }
    }

    /** A plugin may admit peers by a handshake alone, and never look at their addresses. */
    private void lookAtUnprotected(String key, List<String> readers) {
        hosted.stream()
                .map(HostedEndpoint::name)
                .filter(name -> !readers.contains(name) && hasHandshake(name))
                .forEach(name -> warn(
                        configuration.topLevel(),
                        key,
                        "which does not protect the endpoint " + name
                                + ", since its transport does not read the setting"));
    }

    private boolean hasHandshake(String endpoint) {
        return configuration.inForce(Keys.ofEndpoint(endpoint, Keys.HANDSHAKE)).isPresent();
    }

    /** {@return whether the members of an endpoint have connections} */
    private static boolean isForStreams(HostedEndpoint endpoint) {
        return endpoint.context().hasStreams() || endpoint.transport().service().protocol() != Protocol.UDP;
    }

    /** {@return whether an endpoint has another value than the top level} */
    private boolean overrides(SettingsView endpoint, String key) {
        return endpoint.has(key) && !texts(endpoint, key).equals(texts(configuration.topLevel(), key));
    }

    private static List<String> texts(SettingsView settings, String key) {
        return settings.findOwn(key).stream()
                .flatMap(setting -> setting.elements().stream())
                .map(item -> item.text().strip())
                .toList();
    }

    private static void warn(SettingsView settings, String key, String why) {
        settings.warn(key, texts(settings, key).stream().findFirst().orElse(""), why);
    }

    private String placeOf(String map) {
        return configuration.placeOf(map).place() + ": ";
    }
}
