package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.GroupListener;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Owner;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The part that one listener has in the groups of the process. Used on the listener's owner's thread unless it says otherwise. */
public final class GroupWatch implements Groups.Watch {
    private static final Logger LOG = System.getLogger(GroupWatch.class.getName());

    private final Watches watches;
    private final String endpoint;
    private final GroupListener listener;
    private final Owner owner;
    private final Set<Watched> told = new HashSet<>();
    private volatile boolean closed;

    GroupWatch(Watches watches, String endpoint, GroupListener listener, Owner owner) {
        this.watches = watches;
        this.endpoint = endpoint;
        this.listener = listener;
        this.owner = owner;
    }

    Owner owner() {
        return owner;
    }

    String endpoint() {
        return endpoint;
    }

    /** Tell the listener soon of a group. On any thread, within the registry's entry for the group. */
    Watched of(Group group) {
        var watched = new Watched(this, group);
        owner.execute(watched::begin);
        return watched;
    }

    /**
     * Tell the listener of a group.
     *
     * @return whether the listener knows the group now
     */
    boolean begun(Watched group) {
        if (closed) {
            return false;
        }
        try {
            told.add(group);
            listener.begun(group);
            return true;
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            told.remove(group);
            LOG.log(Level.WARNING, failed("began; the group is not bridged", group), e);
            return false;
        }
    }

    /** Tell the listener that a group has ended. */
    void ended(Watched group) {
        if (!told.remove(group)) {
            return;
        }
        try {
            listener.ended(group);
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(Level.WARNING, failed("ended", group), e);
        }
    }

    private String failed(String what, Watched group) {
        return "The group listener of " + endpoint + " failed when group " + group.id() + " " + what;
    }

    /** {@return how many members the group has elsewhere, as the listener says} May be called by any thread. */
    Map<String, Integer> elsewhere(GroupId group) {
        try {
            return Map.copyOf(listener.elsewhere(group));
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(Level.WARNING, "The group listener of " + endpoint + " does not say where else members are", e);
            return Map.of();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            watches.remove(this);
            leave();
        }
    }

    /** End the watch from any thread, at the end of its endpoint. */
    public void end() {
        if (!closed) {
            closed = true;
            watches.remove(this);
            owner.execute(this::leave);
        }
    }

    private void leave() {
        List.copyOf(told).forEach(Watched::leave);
        told.clear();
    }
}
