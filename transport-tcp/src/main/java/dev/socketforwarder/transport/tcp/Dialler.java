package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.api.kit.Lookups;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Sees to it that one server is a member of a group: connects to it, and again whenever that connection has ended, until
 * the stop. On the endpoint's loop.
 *
 * <pre>
 *   look up ──> connect to one address after the other ──> member
 *      ^                     └──none answers──┐               │ends
 *      └─────────────────────── pause ◄───────┴───────────────┘
 * </pre>
 */
final class Dialler implements Connecting.Outcome {
    private static final Logger LOG = System.getLogger(Dialler.class.getName());

    /** Long enough that one which never holds is dialled as rarely as one that never answers. */
    private static final long GOOD_NS = BackOff.LONGEST_NS;

    private final TransportContext context;
    private final Streams streams;
    private final EndpointLoop loop;
    private final Lookups lookups;
    private final Duration timeout;
    private final Target target;
    private final BackOff backOff = new BackOff(new SplittableRandom());
    private final ArrayDeque<InetAddress> untried = new ArrayDeque<>();

    private InetAddress lastTried; // null: none yet
    private Deadlines.Deadline due; // the end of the pause, or the time at which a connection is good; null: neither
    private Connecting connecting; // null: it does not
    private boolean proved = true; // that the last connection was good
    private boolean ended;

    /** Make one that has not begun; {@code timeout} is for each address. */
    Dialler(
            TransportContext context,
            Streams streams,
            EndpointLoop loop,
            Lookups lookups,
            Duration timeout,
            Target target) {
        this.context = context;
        this.streams = streams;
        this.loop = loop;
        this.lookups = lookups;
        this.timeout = timeout;
        this.target = target;
    }

    /** Look the server up, each time anew. */
    void begin() {
        due = null;
        if (!ended) {
            lookups.find(target.host()).whenComplete((found, _) -> loop.execute(() -> onAnswer(found)));
        }
    }

    private void onAnswer(List<InetAddress> found) {
        if (found != null) {
            onFound(found);
        } else if (!ended) {
            report("its name cannot be resolved");
            pause();
        }
    }

    private void onFound(List<InetAddress> addresses) {
        var inTurn = new ArrayList<>(addresses);
        if (!proved) {
            // One address that takes connections and ends them must not keep us from the others.
            Collections.rotate(inTurn, -1 - inTurn.indexOf(lastTried));
        }
        untried.clear();
        untried.addAll(inTurn);
        dialNext();
    }

    private void dialNext() {
        if (ended) {
            return;
        }
        lastTried = untried.poll();
        if (lastTried == null) {
            pause();
        } else {
            dial(new InetSocketAddress(lastTried, target.port()));
        }
    }

    private void dial(InetSocketAddress server) {
        if (!context.connections().take()) {
            report("there are max-connections already");
            pause();
            return;
        }
        context.counters().add(Counter.CONNECTIONS, 1);
        try {
            connecting = new Connecting(loop, server, this);
        } catch (IOException e) {
            notConnecting();
            report(String.valueOf(e.getMessage())); // no descriptor, say, so neither for another address
            pause();
            return;
        }
        connecting.begin(timeout);
    }

    /** An address did not answer, or there is none. */
    private void report(String why) {
        var source = InetSocketAddress.createUnresolved(target.host(), target.port());
        context.refused(Reason.CONNECT_FAILED, source, why, ByteBuffer.allocate(0));
    }

    @Override
    public void onFailed(InetSocketAddress server, String why) {
        notConnecting();
        report(HostPort.text(server) + ": " + why);
        loop.execute(this::dialNext);
    }

    private void notConnecting() {
        connecting = null;
        context.counters().add(Counter.CONNECTIONS, -1);
        context.connections().giveBack();
    }

    @Override
    public void onConnected(SocketChannel channel, InetSocketAddress server, InetSocketAddress local) {
        notConnecting();
        context.counters().add(Counter.CONNECTED, 1);
        var address = HostPort.text(server);
        var where = address.equals(target.toString()) ? address : target + " at " + address;
        LOG.log(Level.INFO, context.name() + " connected to " + where + ", group " + target.group());
        proved = false;
        due = loop.deadlines().in(GOOD_NS, this::onProved);
        var peer = new Peer(context.name(), server, local);
        streams.join(channel, peer, target.group(), target.greeting(), this::onLeft);
    }

    private void onProved() {
        due = null;
        proved = true;
        backOff.reset();
    }

    /** The member has left. */
    private void onLeft(Reason why) {
        cancelDue();
        if (!ended) {
            LOG.log(Level.INFO, context.name() + " lost " + target + ": " + why + "; it will connect again");
            pause();
        }
    }

    private void pause() {
        due = loop.deadlines().in(backOff.nextNs(), this::begin);
    }

    private void cancelDue() {
        if (due != null) {
            due.cancel();
            due = null;
        }
    }

    /** Connect no more. The member that there is stays until the stop. */
    void end() {
        if (!ended) {
            ended = true;
            cancelDue();
            if (connecting != null) {
                connecting.close();
                notConnecting();
            }
        }
    }
}
