package dev.socketforwarder.runtime.text;

import dev.socketforwarder.api.GroupId;

/** Writes group ids for a log or a terminal. */
public final class GroupText {
    private GroupText() {}

    /** {@return the name in quotes, so that blanks at its ends show; for an endpoint's own group, the endpoint} */
    public static String of(GroupId group) {
        return group.ofEndpoint() ? "the group of endpoint " + group.name() : Printable.quotedWhole(group.name());
    }

    /** {@return the group as the subject of a sentence} */
    public static String named(GroupId group) {
        return group.ofEndpoint() ? of(group) : "group " + of(group);
    }
}
