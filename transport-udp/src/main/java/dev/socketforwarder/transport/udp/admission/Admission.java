package dev.socketforwarder.transport.udp.admission;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Challenge;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.members.Registrations;
import dev.socketforwarder.transport.udp.members.Registrations.Refused;
import dev.socketforwarder.transport.udp.members.Registrations.Result;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import dev.socketforwarder.transport.udp.settings.RegistrationMode;
import dev.socketforwarder.transport.udp.settings.SenderPolicy;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Decides on the datagrams that ask for a registration, or for the end of one. None of them is ever forwarded. Used on the
 * endpoint's thread.
 */
public final class Admission {
    private static final Logger LOG = System.getLogger(Admission.class.getName());
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final String NO_PORT = "a port is a number from 1 to 65535";

    /** What a datagram asks for. */
    public enum Wish {
        /** Nothing: it is data. */
        NONE,
        REGISTER,
        LEAVE,
        /** Nothing of this forwarder, maybe something of the next: it is no data either. */
        OTHERS
    }

    private final TransportContext context;
    private final Handshake handshake;
    private final Sockets sockets;
    private final Registrations registrations;
    private final MemberSettings settings;
    private final byte[] prefix;
    private final byte[] leavePrefix;
    private final Optional<Challenges> challenges;

    public Admission(
            TransportContext context,
            UdpSettings settings,
            Handshake handshake,
            Sockets sockets,
            Registrations registrations,
            Cookies cookies) {
        this.context = context;
        this.handshake = handshake;
        this.sockets = sockets;
        this.registrations = registrations;
        this.settings = settings.members();
        this.prefix = settings.prefix().getBytes(StandardCharsets.UTF_8);
        this.leavePrefix = settings.members().leavePrefix().getBytes(StandardCharsets.UTF_8);
        this.challenges = settings.members().registration() == RegistrationMode.CHALLENGE
                ? Optional.of(new Challenges(cookies, sockets, context.counters()))
                : Optional.empty();
    }

    /** {@return what the {@code i}th datagram of the intake asks for} */
    public Wish wish(Intake intake, int i) {
        // The longer one first: it may begin with the other.
        boolean leaveFirst = leavePrefix.length > prefix.length;
        if (leaveFirst && intake.startsWith(i, leavePrefix)) {
            return Wish.LEAVE;
        }
        if (intake.startsWith(i, prefix)) {
            return Wish.REGISTER;
        }
        if (!leaveFirst && intake.startsWith(i, leavePrefix)) {
            return Wish.LEAVE;
        }
        return registrations.forwarders().areMeantBy(intake, i) ? Wish.OTHERS : Wish.NONE;
    }

    /** {@return the port of a socket} */
    public int port(int socket) {
        return sockets.localAddresses().get(socket).getPort();
    }

    /** {@return whether what comes from {@code source} is forwarded} */
    public boolean maySend(InetSocketAddress source) {
        return settings.senders() == SenderPolicy.ANY || registrations.senders().knows(source);
    }

    /** See that data comes, the {@code i}th datagram of the intake first. */
    public void arrived(Intake intake, int i, int socket) {
        var source = intake.source(i);
        if (settings.registration() != RegistrationMode.AUTO
                || registrations.senders().knows(source)) {
            return;
        }
        if (PortNumber.of(source.getPort()).isEmpty()) {
            context.refused(Reason.BAD_PORT, source, NO_PORT, NOTHING);
            return;
        }
        var result = register(intake, i, socket, source);
        if (result instanceof Refused(var reason, var detail)) {
            context.refused(reason, source, detail, NOTHING);
        }
    }

    /** Consider the {@code i}th datagram of the intake, which came to {@code socket}. */
    public void consider(Wish wish, Intake intake, int i, int socket) {
        if (wish == Wish.OTHERS) {
            refuse(intake, i, Reason.REFLECTION, "a cookie, or another forwarder's registration");
            return;
        }
        registrations.senders().heard(intake.source(i));
        var bytes = wish == Wish.REGISTER ? intake.view(i) : asRegistration(intake.view(i));
        var cookie = challenges.isPresent() ? takeCookie(bytes) : NOTHING;
        switch (ask(intake, i, socket, bytes)) {
            case Admitted(var argument, int consumed) -> {
                if (consumed < bytes.remaining()) {
                    refuse(intake, i, Reason.BAD_PORT, "something follows the port");
                } else {
                    grant(wish, intake, i, socket, argument, cookie);
                }
            }
            // There will be no more, and nobody to answer a question: this transport asks none yet.
            case NeedMore() -> refuse(intake, i, Reason.FIRST_MESSAGE_INCOMPLETE, "");
            case Challenge _ -> refuse(intake, i, Reason.NOT_ADMITTED, "no challenge is sent over UDP");
            case Declined(var reason) -> refuse(intake, i, reason, "");
            case Rejected(var reason) -> {
                // A policy that cannot read the argument does not know that it is a port here.
                if (reason == Reason.BAD_GROUP_ID) {
                    refuse(intake, i, Reason.BAD_PORT, NO_PORT);
                } else {
                    refuse(intake, i, reason, "");
                }
            }
        }
    }

    /** {@return the registration of what is to end: who may do the one may do the other, as the same policies see it} */
    private ByteBuffer asRegistration(ByteBuffer leave) {
        leave.position(leave.position() + leavePrefix.length);
        return ByteBuffer.allocate(prefix.length + leave.remaining())
                .put(prefix)
                .put(leave)
                .flip()
                .asReadOnlyBuffer();
    }

    /** {@return the cookie at the end of a registration, which ends before it afterwards; empty if there is none} */
    private ByteBuffer takeCookie(ByteBuffer bytes) {
        int separator = Challenges.separator(bytes, bytes.position() + prefix.length);
        if (separator < 0) {
            return NOTHING;
        }
        var cookie = bytes.slice(separator + 1, Cookies.LENGTH);
        bytes.limit(separator);
        return cookie;
    }

    private Outcome ask(Intake intake, int i, int socket, ByteBuffer bytes) {
        var local = new InetSocketAddress(intake.local(i), port(socket));
        var peer = new Peer(context.name(), intake.source(i), local);
        try {
            return handshake.consider(peer, bytes, Arrival.DATAGRAM);
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(Level.DEBUG, () -> "The handshake of endpoint " + context.name() + " failed for " + peer, e);
            return new Rejected(Reason.HANDSHAKE_FAILED);
        }
    }

    private void grant(Wish wish, Intake intake, int i, int socket, String argument, ByteBuffer cookie) {
        var source = intake.source(i);
        var port = argument.isEmpty() ? PortNumber.of(source.getPort()) : PortNumber.parse(argument);
        if (port.isEmpty()) {
            refuse(intake, i, Reason.BAD_PORT, NO_PORT);
            return;
        }
        // Of the sender's own host, always.
        var target = port.getAsInt() == source.getPort()
                ? source
                : new InetSocketAddress(source.getAddress(), port.getAsInt());
        if (challenges.isPresent() && !passes(challenges.get(), intake, i, socket, target, cookie)) {
            return;
        }
        if (wish == Wish.LEAVE) {
            registrations
                    .unregister(target)
                    .ifPresent(refused -> refuse(intake, i, refused.reason(), refused.detail()));
            return;
        }
        if (register(intake, i, socket, target) instanceof Refused(var reason, var detail)) {
            refuse(intake, i, reason, detail);
        }
    }

    /** {@return whether the cookie is that of {@code target}; else it has been answered, or refused} */
    private boolean passes(
            Challenges all, Intake intake, int i, int socket, InetSocketAddress target, ByteBuffer cookie) {
        if (cookie.hasRemaining()) {
            boolean proven = all.proves(cookie, target);
            if (!proven) {
                refuse(intake, i, Reason.BAD_COOKIE, "");
            }
            return proven;
        }
        // Not even a cookie goes where no member may be.
        registrations
                .objection(target)
                .ifPresentOrElse(
                        refused -> refuse(intake, i, refused.reason(), refused.detail()),
                        () -> all.send(socket, intake.local(i), target));
        return false;
    }

    private Result register(Intake intake, int i, int socket, InetSocketAddress target) {
        var local = intake.local(i);
        return registrations.register(intake.source(i), target, address -> sockets.destination(socket, local, address));
    }

    private void refuse(Intake intake, int i, Reason reason, String detail) {
        context.refused(reason, intake.source(i), detail, intake.view(i));
    }
}
