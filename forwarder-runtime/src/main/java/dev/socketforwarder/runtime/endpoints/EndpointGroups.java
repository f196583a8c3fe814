package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.rules.GroupTable;

/**
 * The groups as one endpoint sees them: those that begin with a member of its own get the rules that its configuration
 * has for them.
 */
public record EndpointGroups(String endpoint, GroupRegistry registry, GroupTable rules) implements Groups {

    @Override
    public Join join(GroupId group, Member member, Owner owner) {
        return registry.join(endpoint, group, rules.of(group), member, owner);
    }

    @Override
    public Membership publisher(GroupId group, Owner owner) {
        return registry.publisher(group, rules.of(group), owner);
    }
}
