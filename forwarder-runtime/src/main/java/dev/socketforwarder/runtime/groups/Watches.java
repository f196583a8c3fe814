package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.GroupId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Lists those that watch the groups. The list is replaced at each change, so a group that compares its last list with the
 * present one knows whether a listener has to be told of it. Thread-safe.
 */
final class Watches {
    private final Consumer<Consumer<Group>> groups;
    private volatile List<GroupWatch> all = List.of();

    /** Make an empty list; {@code groups} runs an action for each group, within the registry's entry for the group. */
    Watches(Consumer<Consumer<Group>> groups) {
        this.groups = groups;
    }

    void add(GroupWatch watch) {
        change(list -> list.add(watch));
    }

    void remove(GroupWatch watch) {
        change(list -> list.remove(watch));
    }

    private void change(Consumer<List<GroupWatch>> change) {
        synchronized (this) {
            var changed = new ArrayList<>(all);
            change.accept(changed);
            all = List.copyOf(changed);
        }
        attend();
    }

    /** Tell the listeners of all groups that they do not know. */
    void attend() {
        groups.accept(this::attend);
    }

    /** {@return how many members the group has in other processes, by their names} Calls foreign code, which may take a while. */
    Map<String, Integer> elsewhere(GroupId group) {
        var found = new TreeMap<String, Integer>();
        for (var watch : all) {
            watch.elsewhere(group).forEach((name, members) -> found.merge(name, members, Math::max));
        }
        return found;
    }

    /** Tell the listeners of a group, unless they know it. Within the registry's entry for the group. */
    void attend(Group group) {
        group.attend(all);
    }

    /** {@return whether {@link #attend} has to be called for the group} May be called by any thread. */
    boolean isUnattended(Group group) {
        return group.attended() != all;
    }
}
