package dev.socketforwarder.runtime.groups;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The seats of one side, in no order. They may be gone through while any of them leaves, since a member may do whatever it
 * likes when it is called: the place of one that leaves then stays empty until the walk is over, so that no seat is
 * passed over, or seen twice. Used on the side's owner's thread.
 */
final class Seats {
    private final List<Seat> places = new ArrayList<>();
    private int walks;
    private int empty;

    /** {@return how many seats there are} */
    int size() {
        return places.size() - empty;
    }

    /** {@return all of them, while none leaves} */
    Stream<Seat> stream() {
        return places.stream().filter(Objects::nonNull);
    }

    void add(Seat seat) {
        seat.index = places.size();
        places.add(seat);
    }

    void remove(Seat seat) {
        if (walks > 0) {
            places.set(seat.index, null);
            empty++;
            return;
        }
        var last = places.removeLast();
        if (last != seat) {
            places.set(seat.index, last);
            last.index = seat.index;
        }
    }

    /**
     * Begin a walk, which needs an {@link #end}.
     *
     * @return how many places there are: those who come meanwhile are not part of it
     */
    int begin() {
        walks++;
        return places.size();
    }

    /** {@return the seat at this place; null: it has left meanwhile} */
    Seat at(int place) {
        return places.get(place);
    }

    /** The walk is over. */
    void end() {
        if (--walks > 0 || empty == 0) {
            return;
        }
        empty = 0;
        int to = 0;
        for (var seat : places) {
            if (seat != null) {
                seat.index = to;
                places.set(to++, seat);
            }
        }
        places.subList(to, places.size()).clear();
    }
}
