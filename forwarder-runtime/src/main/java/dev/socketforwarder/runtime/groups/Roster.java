package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Reason;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Lists the members and bridges of all groups, for those who look at them or close one. Thread-safe. */
final class Roster {
    private final ConcurrentHashMap<Long, Seat> members = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();
    private final AtomicInteger bridges = new AtomicInteger();
    private volatile MembershipListener listener = MembershipListener.NONE;

    void listener(MembershipListener told) {
        listener = told;
    }

    /** {@return the number of the next member, from 1 on} */
    long nextId() {
        return last.incrementAndGet();
    }

    void joined(Seat seat) {
        members.put(seat.id(), seat);
        if (seat.isBridge()) {
            bridges.getAndIncrement();
        }
        if (isTold(seat)) {
            listener.joined(seat.view(), seat.side().group().members().taken());
        }
    }

    void left(Seat seat, Reason reason) {
        members.remove(seat.id());
        if (seat.isBridge()) {
            bridges.getAndDecrement();
        }
        if (isTold(seat)) {
            listener.left(seat.view(), reason, seat.side().group().members().taken());
        }
    }

    /** {@return whether the listener hears of this seat; bridges come and go with each group, and are no news} */
    private boolean isTold(Seat seat) {
        return listener != MembershipListener.NONE && !seat.isBridge();
    }

    /** {@return how many bridges are in groups now; one that is in two groups counts twice} */
    int bridges() {
        return bridges.get();
    }

    Stream<Seat> members() {
        return members.values().stream();
    }

    Optional<Seat> member(long id) {
        return Optional.ofNullable(members.get(id));
    }
}
