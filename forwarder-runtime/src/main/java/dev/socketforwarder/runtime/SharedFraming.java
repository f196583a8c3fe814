package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Framing;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.Configuration.InForce;
import dev.socketforwarder.runtime.Endpoints.Open;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells of endpoints whose peers may name one group, and would not be in one: configuration gives each of them another
 * framing, so that theirs are apart.
 */
record SharedFraming(Configuration configuration, List<Open> open) {
    private static final String FRAMING = "framing";

    /** Compare each endpoint with the first one that it could share groups with. */
    void look() {
        for (int i = 1; i < open.size(); i++) {
            for (var earlier : open.subList(0, i)) {
                if (differ(earlier, open.get(i))) {
                    tell(earlier, open.get(i));
                    break;
                }
            }
        }
    }

    private boolean differ(Open one, Open other) {
        var named = group(one).isEmpty() ? group(other) : group(one);
        if (named.isEmpty()) {
            return isAnyGroups(one) && isAnyGroups(other) && !framings(one).equals(framings(other));
        }
        boolean share = (isAnyGroups(one) || group(one).equals(named))
                && (isAnyGroups(other) || group(other).equals(named));
        var id = GroupId.of(named);
        return share && !framing(one, id).equals(framing(other, id));
    }

    /** {@return the one group that configuration names for an endpoint's peers; empty: none} */
    private String group(Open endpoint) {
        return configuration
                .inForce(Keys.ofEndpoint(endpoint.name(), "group"))
                .map(InForce::values)
                .map(List::getFirst)
                .orElse("");
    }

    /** {@return whether peers say themselves of which group they are} */
    private boolean isAnyGroups(Open endpoint) {
        return endpoint.context().hasStreams() || endpoint.transport().service().protocol() == Protocol.TCP;
    }

    private static Framing framing(Open endpoint, GroupId group) {
        return endpoint.context().rules().of(group).framing();
    }

    /** {@return the framing of each entry under {@code groups:}, and that of all other groups} */
    private static List<Framing> framings(Open endpoint) {
        var table = endpoint.context().rules();
        var framings = new ArrayList<Framing>();
        for (var entry : table.entries()) {
            framings.add(entry.rules().framing());
            if (entry.names().contains(new Glob("*"))) {
                return framings;
            }
        }
        framings.add(table.others().framing());
        return framings;
    }

    private void tell(Open earlier, Open later) {
        var settings = configuration.endpoint(later.name());
        var shown = later.context().rules().others().framing().toString();
        settings.warn(
                FRAMING,
                shown,
                "and that of " + earlier.name() + " is "
                        + earlier.context().rules().others().framing()
                        + ": groups of one name are apart at these endpoints; say under " + Keys.GROUPS
                        + " what those have that they share");
    }
}
