package dev.socketforwarder.transport.udp;

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
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;

/** Decides on the datagrams that ask for a registration. None of them is ever forwarded. Used on the endpoint's thread. */
final class Admission {
    private static final Logger LOG = System.getLogger(Admission.class.getName());
    private static final String NO_PORT = "a port is a number from 1 to 65535";

    private final TransportContext context;
    private final Handshake handshake;
    private final Sockets sockets;
    private final Registrations registrations;

    Admission(TransportContext context, Handshake handshake, Sockets sockets, Registrations registrations) {
        this.context = context;
        this.handshake = handshake;
        this.sockets = sockets;
        this.registrations = registrations;
    }

    /** Consider the {@code i}th datagram of the intake, which came to {@code socket}. */
    void consider(Intake intake, int i, int socket) {
        switch (ask(intake, i, socket)) {
            case Admitted(var argument, int consumed) -> {
                if (consumed < intake.length(i)) {
                    refuse(intake, i, Reason.BAD_PORT, "something follows the registration");
                } else {
                    register(intake, i, socket, argument);
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

    private Outcome ask(Intake intake, int i, int socket) {
        int port = sockets.localAddresses().get(socket).getPort();
        var local = new InetSocketAddress(intake.local(i), port);
        var peer = new Peer(context.name(), intake.source(i), local);
        try {
            return handshake.consider(peer, intake.view(i), Arrival.DATAGRAM);
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, () -> "The handshake of endpoint " + context.name() + " failed for " + peer, e);
            return new Rejected(Reason.HANDSHAKE_FAILED);
        }
    }

    private void register(Intake intake, int i, int socket, String argument) {
        var source = intake.source(i);
        var port = argument.isEmpty() ? PortNumber.of(source.getPort()) : PortNumber.parse(argument);
        if (port.isEmpty()) {
            refuse(intake, i, Reason.BAD_PORT, NO_PORT);
            return;
        }
        var target = port.getAsInt() == source.getPort()
                ? source
                : new InetSocketAddress(source.getAddress(), port.getAsInt());
        var local = intake.local(i);
        switch (registrations.register(target, address -> sockets.destination(socket, local, address))) {
            case Registrations.Registered(var registration) -> registrations.registeredBy(source, registration);
            case Registrations.Refused(var reason, var detail) -> refuse(intake, i, reason, detail);
        }
    }

    private void refuse(Intake intake, int i, Reason reason, String detail) {
        context.refused(reason, intake.source(i), detail, intake.view(i));
    }
}
