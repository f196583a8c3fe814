package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.kit.AddressFilter;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.transport.udp.admission.Admission;
import dev.socketforwarder.transport.udp.admission.Admission.Wish;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.members.Registrations;
import dev.socketforwarder.transport.udp.members.SenderRates;
import dev.socketforwarder.transport.udp.members.TurnClock;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;

/**
 * Handles the datagrams of one turn in their order: passes on registrations, refuses oversized datagrams, and publishes
 * the rest, each run from one sender as one batch. Used on the endpoint's thread.
 */
final class Forwarding {
    private static final Logger LOG = System.getLogger(Forwarding.class.getName());

    private final AddressFilter filter;
    private final Tally tally;
    private final SenderRates rates;
    private final Registrations registrations;
    private final Admission admission;
    private final LoopGuard loops;
    private final TurnClock clock;
    private final Intake intake;
    private final Batch run;
    private InetSocketAddress runSource;
    private int runHops;
    private boolean failed;

    Forwarding(
            AddressFilter filter,
            SenderRates rates,
            Tally tally,
            Intake intake,
            Registrations registrations,
            Admission admission,
            LoopGuard loops,
            TurnClock clock) {
        this.filter = filter;
        this.rates = rates;
        this.tally = tally;
        this.registrations = registrations;
        this.admission = admission;
        this.loops = loops;
        this.clock = clock;
        this.intake = intake;
        this.run = new Batch(intake.block(), Batch.Form.MESSAGES);
    }

    /** {@return the intake to receive into} */
    Intake intake() {
        return intake;
    }

    /** Handle all datagrams of the intake, which arrived at {@code socket}. */
    void handle(int socket) {
        for (int i = 0; i < intake.count(); i++) {
            try {
                handle(i, socket);
            } catch (RuntimeException | Error e) {
                fail(intake.source(i), e);
            }
        }
        try {
            publishRun();
        } catch (RuntimeException | Error e) {
            fail(runSource, e);
        }
    }

    private void handle(int i, int socket) {
        if (!filter.admitsAll() && !filter.admits(intake.source(i).getAddress())) {
            tally.refused(Reason.DENIED_ADDRESS, intake.source(i), "");
        } else if (!rates.admit(intake.source(i))) {
            tally.refused(Reason.SENDER_RATE, intake.source(i), "");
        } else if (intake.isOversized(i)) {
            tally.refused(Reason.OVERSIZED, intake.source(i), "more than max-read-in-size");
        } else {
            var wish = admission.wish(intake, i);
            if (wish == Wish.NONE && goesRound(i)) {
                tally.refused(Reason.FORWARDING_LOOP, intake.source(i), loop(i, socket));
            } else if (wish == Wish.NONE) {
                addToRun(i, socket);
            } else {
                // Publish first: earlier datagrams do not go to a member that registers now, but still to one that
                // leaves now.
                publishRun();
                admission.consider(wish, intake, i, socket);
            }
        }
    }

    private boolean goesRound(int i) {
        return loops.goesRound(intake, i, registrations.forwarders().maySendOn(intake.source(i)), clock.nowNs());
    }

    private String loop(int i, int socket) {
        var local = new InetSocketAddress(intake.local(i), admission.port(socket));
        return AddressText.of(intake.source(i)) + " and " + AddressText.of(local)
                + " are in a loop of forwarders: end the registration of one at the other";
    }

    private void addToRun(int i, int socket) {
        var source = intake.source(i);
        int hops = intake.hopLimit(i);
        if (hops != runHops || source != runSource && !source.equals(runSource)) {
            publishRun();
            runSource = source;
            runHops = hops;
        }
        if (run.count() == 0) {
            admission.arrived(intake, i, socket);
        }
        run.add(intake.offset(i), intake.length(i));
    }

    private void publishRun() {
        if (run.count() == 0) {
            return;
        }
        try {
            if (admission.maySend(runSource)) {
                tally.received(run.count(), run.bytes());
                registrations.publish(runSource, runHops, run);
            } else {
                tally.refused(Reason.UNREGISTERED_SENDER, runSource, run.count());
            }
        } finally {
            run.clear();
        }
    }

    private void fail(InetSocketAddress source, Throwable e) {
        Fatal.rethrow(e);
        // Only the first is logged with its trace. The rest are counted, since peers may provoke any number.
        LOG.log(
                failed ? Level.DEBUG : Level.WARNING,
                Thread.currentThread().getName() + ": handling a datagram failed",
                e);
        failed = true;
        tally.refused(Reason.INTERNAL_ERROR, source, e.toString());
    }
}
