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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The part that one listener has in the groups of the process. Used on the listener's owner's thread unless it says otherwise. */
public final class GroupWatch implements Groups.Watch {
    private static final Logger LOG = System.getLogger(GroupWatch.class.getName());

    /** With this many groups waiting to be told, others wait until half of them are told. */
    static final int MOST_WAITING = 16 << 10;

    private final Watches watches;
    private final String endpoint;
    private final GroupListener listener;
    private final Owner owner;
    private final Handed handed = new Handed();
    private final Set<Watched> told = new HashSet<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean isBehind = new AtomicBoolean();
    private final AtomicBoolean isFaultTold = new AtomicBoolean();
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

    /** {@return what waits for the bridges} */
    Handed handed() {
        return handed;
    }

    /** {@return whether the watch has ended} May be called by any thread. */
    public boolean isClosed() {
        return closed;
    }

    /**
     * Tell the listener soon of a group. On any thread, within the registry's entry for the group.
     *
     * @return empty if too many groups wait to be told; then the listener is told of this group later
     */
    Optional<Watched> of(Group group) {
        if (waiting.get() >= MOST_WAITING && isLate()) {
            return Optional.empty();
        }
        waiting.getAndIncrement();
        var watched = new Watched(this, group);
        owner.execute(watched::begin);
        return Optional.of(watched);
    }

    private boolean isLate() {
        if (isBehind.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "The group listener of " + endpoint + " has not yet taken note of " + MOST_WAITING
                            + " groups; it learns of further ones later, and their messages do not reach it until then");
        }
        return waiting.get() >= MOST_WAITING; // the listener may have caught up before it could see that it is behind
    }

    private void noteTaken() {
        if (waiting.decrementAndGet() <= MOST_WAITING / 2 && isBehind.compareAndSet(true, false)) {
            watches.attend();
        }
    }

    /**
     * Tell the listener of a group.
     *
     * @return whether the listener knows the group now
     */
    boolean begun(Watched group) {
        noteTaken();
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
            if (isFaultTold.compareAndSet(false, true)) { // once, since the live page asks every second
                LOG.log(Level.WARNING, "The group listener of " + endpoint + " does not say where else members are", e);
            }
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
