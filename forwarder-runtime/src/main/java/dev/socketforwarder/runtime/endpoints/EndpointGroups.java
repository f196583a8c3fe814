package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.rules.GroupTable;

/**
 * The groups as one endpoint sees them. A group that begins with a member of the endpoint gets the rules of the endpoint's
 * configuration.
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
