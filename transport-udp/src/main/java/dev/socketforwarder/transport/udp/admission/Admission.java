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
 * Decides on datagrams that ask for a registration or its end. Such datagrams are never forwarded. Used on the
 * endpoint's thread.
 */
public final class Admission {
    private static final Logger LOG = System.getLogger(Admission.class.getName());
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final String NO_PORT = "a port is a number from 1 to 65535";

    /** The possible requests of a datagram. */
    public enum Wish {
        /** No request: the datagram is data. */
        NONE,
        REGISTER,
        LEAVE,
        /** A request to another forwarder, or a cookie. Neither is data. */
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

    /** {@return what the {@code i}th datagram of the intake requests} */
    public Wish wish(Intake intake, int i) {
        // Test the longer prefix first, since the longer one may begin with the shorter one.
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

    /** {@return whether datagrams from {@code source} are forwarded} */
    public boolean maySend(InetSocketAddress source) {
        return settings.senders() == SenderPolicy.ANY || registrations.senders().knows(source);
    }

    /**
     * Register the sender of a run of data if the mode is {@code auto}; the {@code i}th datagram is the first of the
     * run.
     */
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

    /** Decide on the {@code i}th datagram of the intake, which arrived at {@code socket}. */
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
            // A datagram has no continuation, and this transport sends no challenge of a policy.
            case NeedMore() -> refuse(intake, i, Reason.FIRST_MESSAGE_INCOMPLETE, "");
            case Challenge _ -> refuse(intake, i, Reason.NOT_ADMITTED, "no challenge is sent over UDP");
            case Declined(var reason, var detail) -> refuse(intake, i, reason, detail);
            case Rejected(var reason, var detail) -> {
                // A policy that rejects the argument as a group id does not know that it is a port here.
                if (reason == Reason.BAD_GROUP_ID) {
                    refuse(intake, i, Reason.BAD_PORT, NO_PORT);
                } else {
                    refuse(intake, i, reason, detail);
                }
            }
        }
    }

    /** {@return the registration that corresponds to a request to leave, so that the same policies decide on both} */
    private ByteBuffer asRegistration(ByteBuffer leave) {
        leave.position(leave.position() + leavePrefix.length);
        return ByteBuffer.allocate(prefix.length + leave.remaining())
                .put(prefix)
                .put(leave)
                .flip()
                .asReadOnlyBuffer();
    }

    /**
     * Cut the cookie off the end of a registration.
     *
     * @return the cookie; empty if there is none
     */
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
        // The target always has the sender's address.
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

    /** {@return whether the cookie is right for {@code target}; if not, the datagram has been answered or refused} */
    private boolean passes(
            Challenges all, Intake intake, int i, int socket, InetSocketAddress target, ByteBuffer cookie) {
        if (cookie.hasRemaining()) {
            boolean proven = all.proves(cookie, target);
            if (!proven) {
                refuse(intake, i, Reason.BAD_COOKIE, "");
            }
            return proven;
        }
        // An address that may not be a member gets no cookie either.
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
