package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.kit.AddressBlock;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.Origin;
import dev.socketforwarder.runtime.config.Setting.Item;
import dev.socketforwarder.runtime.config.SettingsView;
import dev.socketforwarder.runtime.plugins.PluginOptions;
import dev.socketforwarder.runtime.policies.CertificateHandshake;
import dev.socketforwarder.runtime.policies.TokenPolicy;
import dev.socketforwarder.runtime.tls.TlsSettings;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;

/**
 * Looks for settings that should protect and do nothing, since nobody heeds them or they say nothing: an error where that
 * cannot be meant, a warning where it may be.
 *
 * @param endpoints the names of those that can run, which have read what they heed
 */
record Ineffective(Configuration configuration, List<String> endpoints) {
    private static final String ALLOW = "allow";
    private static final String DENY = "deny";
    private static final String PROXIES = "proxy-protocol";
    private static final String CERTIFICATE_GROUPS = "certificate-groups";
    private static final String ALL_ADDRESSES = "/0";

    /**
     * Look at all that is configured; before unknown keys are told.
     *
     * @throws SettingException for the first that cannot be meant
     */
    void look() {
        for (var key : List.of(Keys.TOKEN_SECRET, Keys.TOKEN_SIGNING_SECRET)) {
            Stream.of(key, key + Keys.SECRET_FILE).forEach(this::lookAtSecret);
        }
        for (var name : endpoints) {
            var settings = configuration.endpoint(name);
            if (!isRead(name, CERTIFICATE_GROUPS)) {
                requireUnset(settings, CERTIFICATE_GROUPS, CertificateHandshake.NAME);
                lookAtClientAuth(name, settings);
            }
            lookAtAddresses(name, settings);
        }
        warnIfEmpty(Keys.PLUGINS + ".", PluginOptions.SHA256, "any plugin may be loaded");
    }

    private boolean isRead(String endpoint, String key) {
        return configuration.inForce(Keys.ofEndpoint(endpoint, key)).isPresent();
    }

    private void lookAtSecret(String key) {
        for (var name : endpoints) {
            if (!isRead(name, key)) {
                requireUnset(configuration.endpoint(name), key, TokenPolicy.NAME);
            }
        }
        if (!endpoints.isEmpty() && endpoints.stream().noneMatch(name -> isRead(name, key))) {
            requireUnset(configuration.topLevel(), key, TokenPolicy.NAME);
        }
    }

    private static void requireUnset(SettingsView settings, String key, String policy) {
        settings.findMisplaced(key).ifPresent(setting -> {
            var value = setting.elements().stream().findFirst().map(Item::text).orElse("");
            throw settings.invalid(
                    key,
                    value,
                    "unset, unless the handshake of an endpoint has the policy " + policy + ": nothing else uses it");
        });
    }

    private void lookAtClientAuth(String name, SettingsView settings) {
        var asked = configuration.inForce(Keys.ofEndpoint(name, Keys.TLS + "." + TlsSettings.CLIENT_AUTH));
        if (asked.isPresent() && asked.get().values().contains("want")) {
            settings.section(Keys.TLS)
                    .warn(
                            TlsSettings.CLIENT_AUTH,
                            "want",
                            "which also admits clients without a certificate, so it protects nothing; set need, or add "
                                    + CertificateHandshake.NAME + " to handshake");
        }
    }

    private void lookAtAddresses(String name, SettingsView settings) {
        var prefix = Keys.ofEndpoint(name, "");
        warnIfEmpty(prefix, ALLOW, "everybody may take part");
        warnOfDenied(prefix, settings);
        configuration.inForce(prefix + PROXIES).stream()
                .flatMap(proxies -> proxies.values().stream())
                .filter(block -> block.endsWith(ALL_ADDRESSES))
                .forEach(all -> settings.warn(
                        PROXIES,
                        all,
                        "so anybody may claim any address: allow, deny and limits by address protect nothing"));
    }

    /** Warn of each address or block that {@code allow} admits and {@code deny} refuses as a whole. */
    private void warnOfDenied(String prefix, SettingsView settings) {
        var denied = values(prefix + DENY);
        for (var allowed : values(prefix + ALLOW)) {
            denied.stream()
                    .filter(block -> includes(block, allowed))
                    .findFirst()
                    .ifPresent(block -> settings.warn(ALLOW, allowed, "which deny refuses all the same, by " + block));
        }
    }

    private List<String> values(String key) {
        return configuration.inForce(key).map(InForce::values).orElse(List.of());
    }

    private static boolean includes(String block, String other) {
        int slash = other.indexOf('/');
        var first = slash < 0 ? other : other.substring(0, slash);
        try {
            return AddressBlock.parse(block).contains(InetAddress.ofLiteral(first)) && length(block) <= length(other);
        } catch (IllegalArgumentException _) {
            return false; // a plugin may write its lists another way
        }
    }

    /** {@return how many leading bits all addresses of a block share} */
    private static int length(String block) {
        int slash = block.indexOf('/');
        return slash < 0 ? Integer.MAX_VALUE : Integer.parseInt(block.substring(slash + 1));
    }

    /** Warn of an empty list: it admits everybody, although its author may have meant nobody. */
    private void warnIfEmpty(String prefix, String key, String meaning) {
        configuration
                .inForce(prefix + key)
                .filter(value -> value.values().isEmpty() && value.origin() != Origin.DEFAULT)
                .ifPresent(_ -> new SettingsView(configuration, prefix).warn(key, "", "an empty list: " + meaning));
    }
}
