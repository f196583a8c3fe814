package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.AddressFilter;
import dev.socketforwarder.transport.udp.members.Registrations;
import dev.socketforwarder.transport.udp.members.SavedRegistration;
import dev.socketforwarder.transport.udp.preconfigured.PreconfiguredMembers;
import dev.socketforwarder.transport.udp.preconfigured.PreconfiguredMembers.Place;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;

/**
 * Lets registrations outlive an endpoint: saves them when the endpoint stops, and registers them again when an endpoint of the
 * same name starts.
 *
 * <p>The first saved line tells the format, the time and the group. Each further line is a registration. Lines that are no
 * registration are counted and left out, since the text may have been damaged.
 */
final class KeptRegistrations {
    private static final Logger LOG = System.getLogger(KeptRegistrations.class.getName());
    private static final String FORMAT = "registrations-1";
    /** Room for about a hundred thousand registrations. */
    private static final int MOST_BYTES = 8 << 20;

    private final TransportContext context;
    private final UdpSettings settings;
    private final AddressFilter filter;
    private final InstantSource clock;

    KeptRegistrations(TransportContext context, UdpSettings settings, AddressFilter filter, InstantSource clock) {
        this.context = context;
        this.settings = settings;
        this.filter = filter;
        this.clock = clock;
    }

    /**
     * The registrations that an earlier endpoint of this name has left.
     *
     * @param members the registrations that may go on
     * @param agedMs how long ago they were saved, in milliseconds
     */
    record Left(List<SavedRegistration> members, long agedMs) {
        static final Left NOTHING = new Left(List.of(), 0);
    }

    /** Take what an earlier endpoint has left, without registrations that have expired or are not allowed any more. */
    Left take() {
        var state = context.takeState().map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        if (state.isEmpty()) {
            return Left.NOTHING;
        }
        var lines = state.get().lines().toList();
        var head = (lines.isEmpty() ? "" : lines.getFirst()).split(" ", 3);
        if (head.length < 3 || !head[0].equals(FORMAT) || !head[1].matches("[0-9]{1,15}")) {
            LOG.log(
                    Level.WARNING,
                    "Endpoint {0}: the saved registrations cannot be read, and are lost",
                    context.name());
            return Left.NOTHING;
        }
        if (!head[2].equals(settings.group())) {
            LOG.log(
                    Level.WARNING,
                    "Endpoint {0}: the saved registrations are of another group, and end",
                    context.name());
            return Left.NOTHING;
        }
        // The clock may have been set back.
        long agedMs = Math.max(0, clock.millis() - Long.parseLong(head[1]));
        var members = lines.stream()
                .skip(1)
                .flatMap(line -> SavedRegistration.parse(line).stream())
                .filter(saved -> filter.admits(saved.address().getAddress()) && !isOver(saved, agedMs))
                .limit(settings.members().maxRegistrations())
                .toList();
        LOG.log(
                Level.INFO,
                "Endpoint {0}: {1} registrations go on, of {2} that were saved",
                context.name(),
                Integer.toString(members.size()),
                Integer.toString(lines.size() - 1));
        return new Left(members, agedMs);
    }

    private boolean isOver(SavedRegistration saved, long agedMs) {
        var lease = settings.members().lease();
        return !lease.isZero() && saved.silenceMs() + agedMs >= lease.toMillis();
    }

    /** Register the members that belong to this place. Called on the place's thread. */
    void restore(Left left, Place place, List<Place> places) {
        for (var saved : left.members()) {
            if (PreconfiguredMembers.placeOf(saved.address(), places) == place) {
                restore(saved, left.agedMs(), place);
            }
        }
    }

    private void restore(SavedRegistration saved, long agedMs, Place place) {
        var sockets = place.sockets();
        var bound = sockets.localAddresses();
        var socket = socketFor(saved, bound);
        if (socket.isEmpty()) {
            return; // the endpoint has other addresses now, and none reaches the member
        }
        int number = socket.getAsInt();
        var at = bound.get(number).getAddress();
        // The machine may have lost the address.
        var from = at.isAnyLocalAddress() && place.registrations().isLocal(saved.from()) ? saved.from() : at;
        var result = place.registrations().restore(saved, agedMs, to -> sockets.destination(number, from, to));
        if (result instanceof Registrations.Refused(var reason, var detail)) {
            LOG.log(
                    Level.DEBUG,
                    () -> "Endpoint " + context.name() + ": the registration " + saved.line() + " ends: " + reason + " "
                            + detail);
        }
    }

    /** {@return the socket that the member was reached from, or else the one that suits it best} */
    private static OptionalInt socketFor(SavedRegistration saved, List<InetSocketAddress> bound) {
        var addresses = bound.stream().map(InetSocketAddress::getAddress).toList();
        int same = addresses.indexOf(saved.from());
        return same >= 0
                ? OptionalInt.of(same)
                : PreconfiguredMembers.socketFor(saved.address().getAddress(), bound);
    }

    /** Save these registrations, at the stop. */
    void save(List<SavedRegistration> members) {
        var text = new StringBuilder(FORMAT + " " + clock.millis() + " " + settings.group() + "\n");
        int saved = 0;
        for (var member : members) {
            var line = member.line();
            if (text.length() + line.length() >= MOST_BYTES) {
                LOG.log(
                        Level.WARNING,
                        "Endpoint {0}: {1} of {2} registrations are saved, since there is no room for more",
                        context.name(),
                        Integer.toString(saved),
                        Integer.toString(members.size()));
                break;
            }
            text.append(line).append('\n');
            saved++;
        }
        context.saveState(members.isEmpty() ? new byte[0] : text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
