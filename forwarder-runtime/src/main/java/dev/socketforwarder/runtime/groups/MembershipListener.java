package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Reason;

/** Learns which members join and leave. Called on the thread of the member's owner; must return soon. */
public interface MembershipListener {

    /** A listener that does nothing. */
    MembershipListener NONE = new MembershipListener() {
        @Override
        public void joined(MemberView member, int members) {}

        @Override
        public void left(MemberView member, Reason reason, int members) {}
    };

    /**
     * A member has joined.
     *
     * @param members how many members the group has now
     */
    void joined(MemberView member, int members);

    /**
     * A member has left.
     *
     * @param members how many members the group has now
     */
    void left(MemberView member, Reason reason, int members);
}
