package dev.socketforwarder.api;

import java.util.Map;

/**
 * Learns which groups this process has, for a bridge to other processes. A transport implements this interface.
 *
 * <p>The runtime calls every method but {@link #elsewhere} on the owner's thread. No method may block. If {@link #begun} throws, the
 * runtime logs the exception, and the group is not bridged.
 */
public interface GroupListener {

    /**
     * Learn of a group that has begun, or that exists when the watch begins. The bridge decides here whether it takes part:
     * {@link WatchedGroup#bridge}. A bridge that enters the group within this call misses no message that others publish after they
     * have entered the group, except messages of members and publishers of the listener's own owner.
     *
     * @param group the group, until {@link #ended}
     */
    void begun(WatchedGroup group);

    /**
     * Learn that a group has ended, after its last message. The bridge's memberships have left the group. If members join a group of
     * this name later, {@link #begun} is called for another object.
     *
     * @param group the group
     */
    void ended(WatchedGroup group);

    /**
     * {@return how many members this group has in other processes, by the names of these processes, for operators who look at the
     * group; empty if the listener does not know. Any thread may call this method, also for groups that this process does not have}
     *
     * @param group any group
     */
    default Map<String, Integer> elsewhere(GroupId group) {
        return Map.of();
    }
}
