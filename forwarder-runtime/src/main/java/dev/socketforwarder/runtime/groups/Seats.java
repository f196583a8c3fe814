package dev.socketforwarder.runtime.groups;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The seats of one side, in no particular order. Seats may leave during a walk, since a member may do anything when one
 * of its methods is called. The place of a seat that left stays empty until the walk ends, so that no seat is skipped
 * or visited twice. Used on the thread of the side's owner.
 */
final class Seats {
    private final List<Seat> places = new ArrayList<>();
    private int walks;
    private int empty;

    /** {@return the number of seats} */
    int size() {
        return places.size() - empty;
    }

    /** {@return all seats, none of which may leave meanwhile} */
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
     * Begin a walk, to be ended by {@link #end}.
     *
     * @return the number of places; seats that join later are not part of the walk
     */
    int begin() {
        walks++;
        return places.size();
    }

    /** {@return the seat at this place; null if it has left meanwhile} */
    Seat at(int place) {
        return places.get(place);
    }

    /** End a walk. */
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
