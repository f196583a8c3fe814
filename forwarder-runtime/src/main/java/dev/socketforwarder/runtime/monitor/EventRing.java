package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.groups.MemberView;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps the latest joins and leaves, and forgets the oldest first. Each slot is made once, and holds an event as plain values. Objects
 * that were kept until thousands of others had come would become garbage of the heap's old generation, a megabyte a second where
 * many peers come and go. Thread-safe.
 */
final class EventRing {
    private final Slot[] slots;
    private int next; // guarded by this, like the slots
    private int count;

    EventRing(int size) {
        slots = new Slot[size];
    }

    private static final class Slot {
        /** As long as an IPv6 address with a port and the name of an interface. */
        private static final int NAME_BYTES = 72;

        private long timeMs;
        private long id;
        private String endpoint;
        private GroupId group;
        private final byte[] name = new byte[NAME_BYTES];
        private int nameLength;
        private String longName; // null if the bytes hold the name
        private long joinedForNs;
        private long bytesIn;
        private long bytesOut;
        private long queuedBytes;
        private Reason left; // null: the member joined
        private int members;

        void set(Instant time, MemberView member, Reason reason, int then) {
            timeMs = time.toEpochMilli();
            id = member.id();
            endpoint = member.endpoint();
            group = member.group();
            longName = copy(member.name()) ? null : member.name();
            joinedForNs = member.joinedFor().toNanos();
            bytesIn = member.bytesIn();
            bytesOut = member.bytesOut();
            queuedBytes = member.queuedBytes();
            left = reason;
            members = then;
        }

        /** {@return whether the bytes hold the name now} */
        private boolean copy(String text) {
            nameLength = text.length();
            if (nameLength > NAME_BYTES) {
                return false;
            }
            for (int i = 0; i < nameLength; i++) {
                name[i] = (byte) text.charAt(i);
                if (name[i] != text.charAt(i)) {
                    return false;
                }
            }
            return true;
        }

        MemberEvent get() {
            return new MemberEvent(
                    Instant.ofEpochMilli(timeMs),
                    id,
                    endpoint,
                    group,
                    longName == null ? new String(name, 0, nameLength, StandardCharsets.US_ASCII) : longName,
                    Duration.ofNanos(joinedForNs),
                    bytesIn,
                    bytesOut,
                    queuedBytes,
                    Optional.ofNullable(left),
                    members);
        }
    }

    /** Add an event; {@code reason} is null if the member joined. */
    synchronized void add(Instant time, MemberView member, Reason reason, int members) {
        if (slots[next] == null) {
            slots[next] = new Slot();
        }
        slots[next].set(time, member, reason, members);
        next = (next + 1) % slots.length;
        count = Math.min(count + 1, slots.length);
    }

    /** {@return all events, the latest first} */
    synchronized List<MemberEvent> events() {
        var events = new ArrayList<MemberEvent>(count);
        for (int i = 1; i <= count; i++) {
            events.add(slots[Math.floorMod(next - i, slots.length)].get());
        }
        return events;
    }
}
