package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Sees to it that one server is a member of a group: connects to it, and again whenever that connection has ended, until
 * the stop. On the group's loop, where the group therefore stays.
 *
 * <pre>
 *   look up ──> connect to one address after the other ──> member
 *      ^                     └──none answers──┐               │ends
 *      └─────────────────────── pause ◄───────┴───────────────┘
 * </pre>
 */
final class Dialler {
    private static final Logger LOG = System.getLogger(Dialler.class.getName());

    /** Long enough that one which never holds is dialled as rarely as one that never answers. */
    private static final long GOOD_NS = BackOff.LONGEST_NS;

    private final TcpEndpoint endpoint;
    private final Target target;
    private final LoopGroup group;
    private final EventLoop loop;
    private final BackOff backOff = new BackOff(new SplittableRandom());
    private final ArrayDeque<InetAddress> untried = new ArrayDeque<>();

    private InetAddress lastTried; // null: none yet
    private Deadlines.Deadline due; // the end of the pause, or the time at which a connection is good; null: neither
    private boolean connected;
    private boolean proved = true; // that the last connection was good
    private boolean ended;

    Dialler(TcpEndpoint endpoint, Target target) {
        this.endpoint = endpoint;
        this.target = target;
        this.group = endpoint.loops().enter(target.group());
        this.loop = group.loop();
    }

    Target target() {
        return target;
    }

    EventLoop loop() {
        return loop;
    }

    /** Look the server up, each time anew. */
    void begin() {
        due = null;
        if (ended) {
            return;
        }
        endpoint.loops().runLookup(() -> {
            try {
                var addresses = List.of(InetAddress.getAllByName(target.host()));
                loop.execute(() -> onFound(addresses));
            } catch (IOException | RuntimeException _) {
                loop.execute(this::onUnknown);
            }
        });
    }

    private void onUnknown() {
        if (!ended) {
            onFailed("its name cannot be resolved");
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
        Wire wire;
        try {
            wire = PlainWire.ofServer(SocketChannel.open());
        } catch (IOException e) {
            onFailed(String.valueOf(e.getMessage())); // no descriptor, say, so neither for another address
            pause();
            return;
        }
        var entry = endpoint.opened(this::onLeft);
        if (!entry.takePlace()) {
            onFailed("there are max-connections already");
            endpoint.forget(wire, entry, Reason.TOO_MANY_CONNECTIONS);
            return;
        }
        var peer = new Peer(endpoint.context().name(), server, new InetSocketAddress(0)); // ours is not known yet
        var arriving = new Arriving(endpoint, wire, peer, entry, loop);
        var timeout = endpoint.settings().connectTimeout();
        arriving.begin(new Connecting(arriving, this, server), SelectionKey.OP_CONNECT, timeout);
    }

    /** An address did not answer, or there is none. */
    void onFailed(String why) {
        var source = InetSocketAddress.createUnresolved(target.host(), target.port());
        endpoint.context().refused(Reason.CONNECT_FAILED, source, why, ByteBuffer.allocate(0));
    }

    void onConnected(InetSocketAddress server) {
        endpoint.context().counters().add(Counter.CONNECTED, 1);
        var address = TcpEndpoint.text(server);
        var where = address.equals(target.toString()) ? address : target + " at " + address;
        LOG.log(Level.INFO, endpoint.context().name() + " connected to " + where + ", group " + target.group());
        connected = true;
        proved = false;
        due = loop.deadlines.in(GOOD_NS, this::onProved);
    }

    private void onProved() {
        due = null;
        proved = true;
        backOff.reset();
    }

    /** A connection has ended, or did not come about. */
    private void onLeft(Reason why) {
        if (!connected) {
            loop.execute(this::dialNext);
            return;
        }
        connected = false;
        cancelDue();
        if (!ended) {
            LOG.log(Level.INFO, endpoint.context().name() + " lost " + target + ": " + why + "; it will connect again");
            pause();
        }
    }

    private void pause() {
        due = loop.deadlines.in(backOff.nextNs(), this::begin);
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
            endpoint.loops().leave(group);
        }
    }
}
