package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.GroupListener;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.groups.GroupWatch;
import dev.socketforwarder.runtime.rules.GroupTable;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The groups as one endpoint sees them. A group that begins with a member of the endpoint gets the rules of the endpoint's
 * configuration.
 */
public final class EndpointGroups implements Groups {
    private final String endpoint;
    private final GroupRegistry registry;
    private final List<GroupWatch> watches = new CopyOnWriteArrayList<>();
    private volatile GroupTable rules;

    public EndpointGroups(String endpoint, GroupRegistry registry, GroupTable rules) {
        this.endpoint = endpoint;
        this.registry = registry;
        this.rules = rules;
    }

    GroupTable rules() {
        return rules;
    }

    /** Put other rules in force, for new groups and for those that began with a member of the endpoint. */
    void adopt(GroupTable changed) {
        var before = rules;
        rules = changed; // first, or a group that begins now would keep the old rules
        registry.adopt((group, current) -> current == before.of(group) ? changed.of(group) : current);
    }

    @Override
    public Join join(GroupId group, Member member, Owner owner) {
        return registry.join(endpoint, group, rules.of(group), member, owner);
    }

    @Override
    public Membership publisher(GroupId group, Owner owner) {
        return registry.publisher(group, rules.of(group), owner);
    }

    @Override
    public Watch watch(GroupListener listener, Owner owner) {
        watches.removeIf(GroupWatch::isClosed);
        var watch = registry.watch(endpoint, listener, owner);
        watches.add(watch);
        return watch;
    }

    /** End all watches of the endpoint. */
    void close() {
        watches.forEach(GroupWatch::end);
    }
}
