package dev.socketforwarder.runtime.policies;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.tls.TlsSettings;
import dev.socketforwarder.runtime.tls.TlsSettings.ClientAuth;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The policy {@code certificate}: admits a peer by its TLS certificate. The first rule that matches decides. The rule
 * names the group, or leaves the choice of the group to the first message and the next policy. A certificate that
 * matches no rule is refused. A peer without a certificate, which {@code client-auth: want} permits, is left to the
 * next policy.
 */
public final class CertificateHandshake implements HandshakePolicy {
    public static final String NAME = "certificate";

    private static final String KEY = "certificate-groups";

    /** Make the policy; for {@link java.util.ServiceLoader}. */
    public CertificateHandshake() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Handshake create(Settings settings) {
        var texts = settings.list(KEY, List.of());
        if (TlsSettings.clientAuth(settings.section(Keys.TLS)) == ClientAuth.NONE) {
            throw settings.section(Keys.TLS)
                    .invalid(
                            TlsSettings.CLIENT_AUTH,
                            "none",
                            "want or need, since the handshake policy certificate asks for certificates");
        }
        var rules = new ArrayList<CertificateRule>();
        for (var text : texts) {
            var rule = rule(settings, text);
            // The first matching rule wins, so an earlier rule may hide this one.
            rules.stream()
                    .filter(earlier -> earlier.covers(rule) && !earlier.group().equals(rule.group()))
                    .findFirst()
                    .ifPresent(earlier -> {
                        throw settings.invalid(
                                KEY,
                                text,
                                "for other certificates: an earlier element puts these into group "
                                        + Printable.quoted(earlier.group()));
                    });
            rules.add(rule);
        }
        return new Rules(List.copyOf(rules));
    }

    private static CertificateRule rule(Settings settings, String text) {
        try {
            return CertificateRule.parse(text);
        } catch (IllegalArgumentException _) {
            throw settings.invalid(
                    KEY,
                    text,
                    "group:NAME=pattern or NAME=pattern, where NAME is CN, DNS, EMAIL or URI, the pattern has one * at"
                            + " most, and a * in the group stands for the text that the pattern's * matches");
        }
    }

    private record Rules(List<CertificateRule> rules) implements Handshake {
        private static final Outcome DECLINED = new Declined(Reason.NOT_ADMITTED);
        private static final Outcome REJECTED = new Rejected(Reason.NOT_ADMITTED);

        @Override
        public Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival) {
            if (peer.certificates().isEmpty()) {
                return DECLINED;
            }
            for (var rule : rules) {
                var group = rule.groupOf(peer.certificates().getFirst());
                if (group.isPresent()) {
                    return group.get().isEmpty() ? DECLINED : new Admitted(group.get(), 0);
                }
            }
            return REJECTED;
        }
    }
}
