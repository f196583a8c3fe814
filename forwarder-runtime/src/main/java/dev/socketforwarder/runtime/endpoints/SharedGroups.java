package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.kit.Glob;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.SettingsView;
import dev.socketforwarder.runtime.groups.GroupRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tells of endpoints whose peers may name one group while configuration gives each of them other rules for it: of another
 * framing, so that theirs are apart; or others, where those of whoever comes first count.
 */
record SharedGroups(Configuration configuration, List<HostedEndpoint> hosted) {
    private static final String FRAMING = "framing";
    private static final Glob ALL = new Glob("*");

    /** Compare each endpoint with those before it, up to the first difference that is reported. */
    void look() {
        for (int i = 1; i < hosted.size(); i++) {
            var later = hosted.get(i);
            hosted.subList(0, i).stream()
                    .filter(earlier -> share(earlier, later) && isTold(earlier, later))
                    .findFirst();
        }
    }

    /** {@return whether peers of both endpoints can be in one group, provided that the group has the same rules at both} */
    private boolean share(HostedEndpoint one, HostedEndpoint other) {
        var names = List.of(group(one), group(other));
        boolean isOneGroup = names.getFirst().equals(names.getLast());
        return namesGroups(one, names.getFirst())
                && namesGroups(other, names.getLast())
                && (isOneGroup || names.contains(""));
    }

    /** {@return the group that the configuration names for all peers of an endpoint; empty if there is none} */
    private String group(HostedEndpoint endpoint) {
        return inForce(endpoint, "group")
                .flatMap(group -> group.values().stream().findFirst())
                .orElse("");
    }

    private Optional<InForce> inForce(HostedEndpoint endpoint, String key) {
        return configuration.inForce(Keys.ofEndpoint(endpoint.name(), key));
    }

    private static boolean namesGroups(HostedEndpoint endpoint, String group) {
        return !group.isEmpty()
                || endpoint.context().hasStreams()
                || endpoint.transport().service().protocol() == Protocol.TCP;
    }

    private boolean isTold(HostedEndpoint earlier, HostedEndpoint later) {
        var named = group(earlier).isEmpty() ? group(later) : group(earlier); // or both name the same
        if (!framings(earlier, named).equals(framings(later, named))) {
            var framing = rules(later).framing().toString();
            tell(
                    later,
                    FRAMING,
                    framing,
                    earlier,
                    rules(earlier).framing().toString(),
                    "groups with one name are separate");
            return true;
        }
        if (earlier.context().rules().entries().stream()
                .anyMatch(entry -> entry.names().contains(ALL))) {
            return false; // the entry for all groups decides at both endpoints
        }
        for (var key : Keys.OF_WHOLE_GROUPS) {
            var ours = inForce(later, key).map(InForce::values);
            var theirs = inForce(earlier, key).map(InForce::values);
            if (ours.isPresent() && theirs.isPresent() && !ours.equals(theirs)) {
                var why = "a shared group has that of the endpoint whose member comes first";
                tell(later, key, ours.get().getFirst(), earlier, theirs.get().getFirst(), why);
                return true;
            }
        }
        return false;
    }

    private static GroupRules rules(HostedEndpoint endpoint) {
        return endpoint.context().rules().others();
    }

    /** {@return the framing of the named group; if no group is named, the framings of all entries under {@code groups:} and of all other groups} */
    private static List<Framing> framings(HostedEndpoint endpoint, String named) {
        var table = endpoint.context().rules();
        if (!named.isEmpty()) {
            return List.of(table.of(GroupId.of(named)).framing());
        }
        var framings = new ArrayList<Framing>();
        for (var entry : table.entries()) {
            framings.add(entry.rules().framing());
            if (entry.names().contains(ALL)) {
                return framings;
            }
        }
        framings.add(table.others().framing());
        return framings;
    }

    private void tell(
            HostedEndpoint later, String key, String value, HostedEndpoint earlier, String other, String why) {
        var map = Keys.TRANSPORTS + "." + later.name();
        new SettingsView(configuration, map + ".", configuration.placeOf(map))
                .warn(
                        key,
                        value,
                        "and that of " + earlier.name() + " is " + other + ": " + why
                                + "; for shared groups, set it under " + Keys.GROUPS);
    }
}
