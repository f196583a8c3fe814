package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.Origin.Source;
import dev.socketforwarder.runtime.config.RehearsedSettings;
import dev.socketforwarder.runtime.config.Sources;
import dev.socketforwarder.runtime.plugins.Plugin;
import dev.socketforwarder.runtime.process.TimeLimit;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Explains keys of endpoints that only handshake policies read which the endpoint does not ask.
 *
 * @param policies all installed policies, by their names
 */
record UnaskedPolicies(Configuration configuration, Map<String, Plugin<HandshakePolicy>> policies) {
    private static final Logger LOG = System.getLogger(UnaskedPolicies.class.getName());

    /** Making a handshake opens no files and waits for nobody, so it takes no longer. */
    private static final Duration LONGEST_CREATE = Duration.ofSeconds(5);

    /** {@return why nobody reads a key, and how to change that; empty if no policy would read it} */
    Optional<String> explain(String key) {
        var words = key.split("\\.", 3);
        if (words.length < 3 || !words[0].equals(Keys.TRANSPORTS)) {
            return Optional.empty();
        }
        var handshake = Keys.ofEndpoint(words[1], Keys.HANDSHAKE);
        return configuration.inForce(handshake).flatMap(asked -> {
            var readers = policies.values().stream()
                    .filter(policy -> !asked.values().contains(policy.name()))
                    .filter(policy -> reads(policy, key, Keys.ofEndpoint(words[1], "")))
                    .map(Plugin::name)
                    .toList();
            return readers.isEmpty() ? Optional.empty() : Optional.of(explained(asked, readers));
        });
    }

    private static String explained(InForce asked, List<String> readers) {
        boolean isOne = readers.size() == 1;
        var names = PolicyOrder.with(asked.values(), readers.getFirst());
        return (isOne
                        ? "the policy " + readers.getFirst() + " reads it, and is not in "
                        : "the policies " + String.join(" and ", readers) + " read it, and are not in ")
                + asked.key() + "; to add " + (isOne ? "it" : "one") + ", "
                + (asked.origin().source() == Source.ENVIRONMENT
                        ? "set " + Keys.variable(asked.key()) + "=" + String.join(",", names)
                        : "write " + Keys.HANDSHAKE + ": [" + String.join(", ", names) + "]");
    }

    /** {@return whether the policy reads this key of an endpoint that asks it} */
    private static boolean reads(Plugin<HandshakePolicy> policy, String key, String prefix) {
        var nothing = new Configuration(new Sources(List.of()));
        var settings = new RehearsedSettings(nothing, prefix);
        try {
            if (policy.isForeign()) {
                TimeLimit.call(
                        policy.name() + "-create",
                        LONGEST_CREATE,
                        () -> false,
                        () -> policy.service().create(settings));
            } else {
                policy.service().create(settings);
            }
        } catch (TimeoutException | ExecutionException | RuntimeException | Error e) {
            // Nobody asked for this policy, so it need not work. It has read its keys before it missed one of them.
            Fatal.rethrow(e);
            LOG.log(Level.DEBUG, policy.name() + " is installed but cannot be made without settings", e);
        }
        return nothing.knows(key);
    }
}
