package dev.socketforwarder.runtime.streams.dial;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.api.kit.Lookups;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Keeps one server a member of a group: connects to the server, and connects again whenever the connection has ended,
 * until the stop. Used on the endpoint's loop.
 *
 * <pre>
 *   look up ──> connect to one address after the other, negotiate TLS ──> member
 *      ^                     └──none answers──┐                              │ends
 *      └─────────────────────── pause ◄───────┴──────────────────────────────┘
 * </pre>
 */
public final class Dialler implements Connecting.Outcome {
    private static final Logger LOG = System.getLogger(Dialler.class.getName());

    /**
     * The least time that a good connection holds. A server whose connections never hold so long is dialled as rarely
     * as a server that never answers.
     */
    private static final long GOOD_NS = BackOff.LONGEST_NS;

    private final TransportContext context;
    private final EndpointLoop loop;
    private final Lookups lookups;
    private final Joining joining;
    private final Target target;
    private final BackOff backOff = new BackOff(new SplittableRandom());
    private final ArrayDeque<InetAddress> untried = new ArrayDeque<>();

    private InetAddress lastTried; // null: no address has been tried
    private Deadlines.Deadline due; // the end of the pause, or when the connection counts as good; null: neither is due
    private Connecting connecting; // null: no attempt is under way
    private Runnable giveUpTls = () -> {};
    private boolean proved = true; // whether the last connection was good
    private boolean ended;

    /** Make a dialler that has not begun, for an endpoint. */
    public Dialler(TransportContext context, Lookups lookups, Joining joining, Target target) {
        this.context = context;
        this.loop = context.loop();
        this.lookups = lookups;
        this.joining = joining;
        this.target = target;
    }

    /** Look up the server's name, and then try its addresses. Every round of attempts begins here. */
    public void begin() {
        due = null;
        if (!ended) {
            lookups.find(target.host()).whenComplete((found, _) -> loop.execute(() -> onAnswer(found)));
        }
    }

    private void onAnswer(List<InetAddress> found) {
        if (found != null) {
            onFound(found);
        } else if (!ended) {
            report("the name cannot be resolved");
            pause();
        }
    }

    private void onFound(List<InetAddress> addresses) {
        var inTurn = new ArrayList<>(addresses);
        if (!proved) {
            // An address that takes connections and ends them at once must not keep us from trying the others.
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
            report("max-connections is reached");
            pause();
            return;
        }
        context.counters().add(Counter.CONNECTIONS, 1);
        try {
            connecting = new Connecting(loop, server, this);
        } catch (IOException e) {
            notConnecting();
            report(String.valueOf(e.getMessage())); // descriptors may be short, so another address would fail too
            pause();
            return;
        }
        connecting.begin(target.timeout());
    }

    /** Log and count that an address did not answer, or that there is no address. */
    private void report(String why) {
        var source = InetSocketAddress.createUnresolved(target.host(), target.port());
        context.refused(Reason.CONNECT_FAILED, source, why, ByteBuffer.allocate(0));
    }

    @Override
    public void onFailed(InetSocketAddress server, String why) {
        notConnecting();
        report(AddressText.of(server) + ": " + why);
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
        giveUpTls = joining.join(channel, new Peer(context.name(), server, local), target, new Joined(server));
    }

    /** Learns what becomes of the connection to one address. */
    private final class Joined implements Joining.Outcome {
        private final InetSocketAddress server;

        Joined(InetSocketAddress server) {
            this.server = server;
        }

        @Override
        public void onReady() {
            context.counters().add(Counter.CONNECTED, 1);
            var address = AddressText.of(server);
            var where = address.equals(target.toString()) ? address : target + " at " + address;
            LOG.log(Level.INFO, context.name() + " connected to " + where + ", group " + target.group());
            proved = false;
            if (!ended) {
                due = loop.deadlines().in(GOOD_NS, Dialler.this::onProved);
            }
        }

        @Override
        public void onFailed(String why) {
            if (!ended) {
                report(AddressText.of(server) + ": " + why);
                dialNext();
            }
        }

        @Override
        public void onClosed(Reason why) {
            cancelDue();
            if (!ended) {
                LOG.log(
                        Level.INFO,
                        context.name() + " lost " + target + ": " + why + "; connecting again after a pause");
                pause();
            }
        }
    }

    private void onProved() {
        due = null;
        proved = true;
        backOff.reset();
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

    /** Connect no more. An existing member stays until the stop. */
    public void end() {
        if (!ended) {
            ended = true;
            cancelDue();
            giveUpTls.run();
            if (connecting != null) {
                connecting.close();
                notConnecting();
            }
        }
    }
}
