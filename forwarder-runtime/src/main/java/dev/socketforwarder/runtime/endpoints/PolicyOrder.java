package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.SettingsView;
import dev.socketforwarder.runtime.policies.CertificateHandshake;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.policies.TokenPolicy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Checks that each handshake policy of an endpoint has something to decide, since a policy that is never reached protects nothing. */
final class PolicyOrder {
    /** Each of these policies decides on all messages with the {@code new-client-prefix}, and declines the others. */
    private static final Set<String> OF_PREFIX = Set.of(PrefixHandshake.NAME, TokenPolicy.NAME);

    private PolicyOrder() {}

    /**
     * Look at the names in the order in which the policies are asked.
     *
     * @throws dev.socketforwarder.api.SettingException if one of them is never reached
     */
    static void check(SettingsView settings, List<String> names) {
        var seen = new HashSet<String>();
        var ofPrefix = "";
        for (var name : names) {
            if (!seen.add(name)) {
                throw settings.invalid(Keys.HANDSHAKE, name, "listed only once");
            }
            if (name.equals(CertificateHandshake.NAME) && !ofPrefix.isEmpty()) {
                settings.warn(
                        Keys.HANDSHAKE,
                        name,
                        "which comes after " + ofPrefix + ": " + ofPrefix
                                + " admits peers with any certificate or none");
            }
            if (!OF_PREFIX.contains(name)) {
                continue;
            }
            if (!ofPrefix.isEmpty()) {
                throw settings.invalid(
                        Keys.HANDSHAKE,
                        name,
                        "left out, or alone: " + ofPrefix
                                + ", which is asked before, decides on all that begins with the"
                                + " new-client-prefix, so that " + name + " is never reached");
            }
            ofPrefix = name;
        }
    }

    /** {@return the names with one more, in an order that {@link #check} accepts} A policy that waits for a first message comes last. */
    static List<String> with(List<String> names, String added) {
        boolean isOfPrefix = OF_PREFIX.contains(added);
        var others = names.stream()
                .filter(name -> !isOfPrefix || !OF_PREFIX.contains(name))
                .toList();
        var own = List.of(added);
        return Stream.of(isOfPrefix ? others : own, isOfPrefix ? own : others)
                .flatMap(List::stream)
                .toList();
    }
}
