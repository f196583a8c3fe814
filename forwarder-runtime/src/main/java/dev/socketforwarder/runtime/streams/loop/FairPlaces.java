package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.kit.AddressKey;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * Places that run out at the expense of the source that holds most of them: its oldest connection that has not joined makes
 * room for one of another source. Thread-safe.
 */
public final class FairPlaces {
    /** Has a place, and may have to give it up. */
    public interface Holder {
        /**
         * Give up the place that it has among these, and end.
         *
         * @return false if it has none, or has joined meanwhile
         */
        boolean surrender(FairPlaces places);
    }

    private final Places places;
    private final AddressLimits addressLimits;

    // Both are guarded by this. Each source with a holder is in one of the sets: that of its number of holders.
    private final Map<AddressKey, LinkedHashSet<Holder>> holders = new HashMap<>();
    private final TreeMap<Integer, LinkedHashSet<AddressKey>> byNumber = new TreeMap<>();

    public FairPlaces(Places places) {
        this.places = places;
        this.addressLimits = new AddressLimits(threeQuarters(places.most()), 0, System::nanoTime);
    }

    /** {@return what one source may have of so many where nothing is configured; 0 of so few that no quarter is a place: any} */
    public static int threeQuarters(int most) {
        return most < 4 ? 0 : (int) (3L * most / 4);
    }

    /** {@return the sources with a place, of which none may have more than three quarters where nothing is configured} */
    public AddressLimits addressLimits() {
        return addressLimits;
    }

    /**
     * Take a place, which needs a {@link #giveBack}, for a connection of this source.
     *
     * @return whether one was free, or somebody made room
     */
    public boolean take(AddressKey source) {
        while (!places.take()) {
            var oldest = pollOldest(source);
            if (oldest == null) {
                return false;
            }
            if (oldest.surrender(this)) {
                return true;
            }
        }
        return true;
    }

    public void giveBack() {
        places.giveBack();
    }

    /** From now on this holder may have to make room. */
    public synchronized void expose(AddressKey source, Holder holder) {
        var own = holders.computeIfAbsent(source, _ -> new LinkedHashSet<>());
        uncount(source, own.size());
        own.add(holder);
        count(source, own.size());
    }

    /** From now on this holder stays, or has none. */
    public synchronized void protect(AddressKey source, Holder holder) {
        var own = holders.get(source);
        if (own != null && own.contains(holder)) {
            remove(source, own, holder);
        }
    }

    /** {@return the oldest of the source with most, which may have to make room no more; null if none has more than this} */
    private synchronized Holder pollOldest(AddressKey source) {
        var most = byNumber.lastEntry();
        var own = holders.get(source);
        if (most == null || own != null && own.size() >= most.getKey()) {
            return null;
        }
        var largest = most.getValue().getFirst();
        var all = holders.get(largest);
        var oldest = all.getFirst();
        remove(largest, all, oldest);
        return oldest;
    }

    private void remove(AddressKey source, LinkedHashSet<Holder> own, Holder holder) {
        uncount(source, own.size());
        own.remove(holder);
        count(source, own.size());
        if (own.isEmpty()) {
            holders.remove(source);
        }
    }

    private void count(AddressKey source, int number) {
        if (number > 0) {
            byNumber.computeIfAbsent(number, _ -> new LinkedHashSet<>()).add(source);
        }
    }

    private void uncount(AddressKey source, int number) {
        byNumber.computeIfPresent(number, (_, sources) -> {
            sources.remove(source);
            return sources.isEmpty() ? null : sources;
        });
    }
}
