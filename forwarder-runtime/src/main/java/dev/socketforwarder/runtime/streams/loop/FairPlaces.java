package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.kit.AddressKey;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * Hands out places. When no place is left, the source that holds most places loses one: its oldest connection that has
 * not joined makes room for a connection of another source. Thread-safe.
 */
public final class FairPlaces {
    /** Holds a place, and may have to give it up. */
    public interface Holder {
        /**
         * Give up the place that this holder has among {@code places}, and end.
         *
         * @return false if there is no such place to give up, or if the holder has joined meanwhile
         */
        boolean surrender(FairPlaces places);
    }

    private final Places places;
    private final AddressLimits addressLimits;

    // Both are guarded by this. Each source that has holders is in the set for the number of its holders.
    private final Map<AddressKey, LinkedHashSet<Holder>> holders = new HashMap<>();
    private final TreeMap<Integer, LinkedHashSet<AddressKey>> byNumber = new TreeMap<>();

    public FairPlaces(Places places) {
        this.places = places;
        this.addressLimits = new AddressLimits(threeQuarters(places.most()), 0, System::nanoTime);
    }

    /**
     * {@return the default limit for one source, of {@code most} places in all; 0, which is no limit, if a quarter is
     * less than a place}
     */
    public static int threeQuarters(int most) {
        return most < 4 ? 0 : (int) (3L * most / 4);
    }

    /** Change how many places there are. Nobody loses a place. */
    public void resize(int most) {
        places.resize(most);
        addressLimits.change(threeQuarters(most), 0);
    }

    /** {@return the limits of the sources, of which none may have more than three quarters of the places by default} */
    public AddressLimits addressLimits() {
        return addressLimits;
    }

    /**
     * Take a place for a connection of {@code source}. The place needs a {@link #giveBack}.
     *
     * @return whether a place was free, or another connection made room
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

    /** Note that this holder may have to make room for others from now on. */
    public synchronized void expose(AddressKey source, Holder holder) {
        var own = holders.computeIfAbsent(source, _ -> new LinkedHashSet<>());
        uncount(source, own.size());
        own.add(holder);
        count(source, own.size());
    }

    /** Stop asking this holder to make room: its place is safe from now on, or given back. */
    public synchronized void protect(AddressKey source, Holder holder) {
        var own = holders.get(source);
        if (own != null && own.contains(holder)) {
            remove(source, own, holder);
        }
    }

    /**
     * {@return the oldest holder of the source with most holders, removed from the lists; null: no source has more
     * holders than {@code source}}
     */
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
