package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.util.List;

/** The members of one group, and what is on its way between them. */
final class Group {
    private final Scenario scenario;
    private final List<Sender> senders;
    private final List<Receiver> receivers;
    /** How many deliveries each message makes. */
    private final int fan;

    private long sent;
    private int turn;

    Group(Scenario scenario, List<Sender> senders, List<Receiver> receivers, int fan) {
        this.scenario = scenario;
        this.senders = senders;
        this.receivers = receivers;
        this.fan = fan;
    }

    List<Sender> senders() {
        return senders;
    }

    List<Receiver> receivers() {
        return receivers;
    }

    long sent() {
        return sent;
    }

    void begin() {
        sent = 0;
        senders.forEach(Sender::begin);
        receivers.forEach(Receiver::begin);
    }

    /** {@return whether all has been sent, and has come or is lost} */
    boolean isDone() {
        return sent == scenario.count() && underway() == 0;
    }

    /** {@return how many deliveries are still to be made} */
    long underway() {
        long settled = 0;
        for (int i = 0; i < receivers.size(); i++) {
            settled += receivers.get(i).settled();
        }
        return sent * fan - settled;
    }

    /** {@return whether everybody has heard everybody} */
    boolean isMet() {
        for (var receiver : receivers) {
            if (receiver.unheard() > 0) {
                return false;
            }
        }
        return true;
    }

    void probe() throws IOException {
        for (var sender : senders) {
            if (sender.isClear()) {
                sender.probe();
            } else {
                sender.flush();
            }
        }
    }

    /** Send what the window has room for, and what the senders can take. */
    void fillWindow() throws IOException {
        long underway = (underway() + fan - 1) / fan;
        if (scenario.bursts() && underway > 0) {
            return;
        }
        long room = Math.min(scenario.window() - underway, scenario.count() - sent);
        int busy = 0;
        while (room > 0 && busy < senders.size()) {
            var sender = senders.get(turn);
            nextTurn();
            if (sender.isClear()) {
                int messages = (int) Math.min(room, sender.most());
                sender.send(messages, Message.now());
                sent += messages;
                room -= messages;
                busy = 0;
            } else {
                busy++;
            }
        }
    }

    /** {@return when the next message is due} */
    long dueNs(long startNs) {
        return sent == scenario.count() ? Long.MAX_VALUE : startNs + sent * 1_000_000_000L / scenario.rate();
    }

    /** Send what is due by now, as far as the senders can take it. */
    void keepRate(long startNs) throws IOException {
        long dueNs = dueNs(startNs);
        while (dueNs <= Message.now() && senders.get(turn).isClear()) {
            senders.get(turn).send(1, dueNs);
            sent++;
            nextTurn();
            dueNs = dueNs(startNs);
        }
    }

    /** {@return whether no sender has something left to write} */
    boolean flush() throws IOException {
        boolean isClear = true;
        for (int i = 0; i < senders.size(); i++) {
            var sender = senders.get(i);
            if (!sender.isClear()) {
                sender.flush();
                isClear &= sender.isClear();
            }
        }
        return isClear;
    }

    private void nextTurn() {
        turn = (turn + 1) % senders.size();
    }

    /** Count all that has not come as lost. */
    void giveUp() {
        for (var receiver : receivers) {
            for (int i = 0; i < senders.size(); i++) {
                receiver.giveUp(i, senders.get(i).sent());
            }
        }
    }
}
