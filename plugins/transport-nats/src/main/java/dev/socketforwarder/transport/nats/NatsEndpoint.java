package dev.socketforwarder.transport.nats;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.GroupListener;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.WatchedGroup;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bridges the groups of this process to NATS. The endpoint's loop owns the channels, one for each group, and all that is remembered
 * of other forwarders. The {@link Link} has threads of its own.
 */
final class NatsEndpoint implements Endpoint, GroupListener {
    private static final Logger LOG = System.getLogger(NatsEndpoint.class.getName());
    private static final Duration LOOP_LIMIT = Duration.ofSeconds(10);

    /** What a server allows by default, as long as none has told. */
    private static final int ASSUMED_PAYLOAD = 1 << 20;
    /** Batches become NATS messages of up to this size. Larger ones would save nothing, and would hold up others on a server. */
    private static final int USUAL_PAYLOAD = 256 << 10;
    /** The same as long as no server has told its limit, which may be lower. */
    private static final int SMALL_PAYLOAD = 32 << 10;

    private final long node;
    private final TransportContext context;
    private final EndpointLoop loop;
    private final NatsSettings settings;
    private final Link link;
    private final Inbound inbound;
    private final Presence presence; // null without presence
    private final Refusals refusals;
    private final Receiver receiver;

    private volatile int maxPayload; // 0 until a server has told
    private volatile boolean isUp;

    // The loop's.
    private final Map<WatchedGroup, Channel> channels = new HashMap<>();
    private final Map<String, List<Channel>> bySubject = new HashMap<>();
    private Groups.Watch watch;
    private boolean isWarned;

    NatsEndpoint(TransportContext context, NatsSettings settings) {
        this(context, settings, Node.OWN);
    }

    /** For tests, in which one process plays several forwarders. */
    NatsEndpoint(TransportContext context, NatsSettings settings, long node) {
        this.node = node;
        this.context = context;
        this.loop = context.loop();
        this.settings = settings;
        this.refusals = new Refusals(context, address(settings.servers().getFirst()));
        this.receiver = new Receiver(node, loop, context.counters(), refusals);
        this.inbound = new Inbound(loop, this::receive);
        this.link =
                new Link(context.name(), settings, new Outbox(settings.queueSize(), this::dropped), new LinkListener());
        this.presence = settings.presence()
                ? new Presence(node, settings.name(), this::members, this::sendPresence, System::nanoTime)
                : null;
    }

    private static InetSocketAddress address(URI uri) {
        return InetSocketAddress.createUnresolved(uri.getHost(), uri.getPort());
    }

    @Override
    public void start() throws IOException {
        if (!loop.call(this::begin, LOOP_LIMIT)) {
            throw new IOException(context.name() + " cannot watch the groups");
        }
        link.start();
    }

    private void begin() {
        watch = context.groups().watch(this, loop);
        if (presence != null) {
            link.subscribe(settings.subjects().ofPresence());
            presence.begin(loop.deadlines());
        }
    }

    @Override
    public List<SocketAddress> localAddresses() {
        return List.of();
    }

    @Override
    public void quiesce(Duration limit) {
        // What comes from the servers meanwhile is forwarded like before; there is nothing to accept.
    }

    @Override
    public Unsent stop(Duration limit) {
        long endNs = System.nanoTime() + limit.toNanos();
        loop.call(this::stopWatching, limit);
        long left = link.stop(Duration.ofNanos(Math.max(0, endNs - System.nanoTime())));
        inbound.close();
        return left == 0 ? Unsent.NONE : new Unsent(1, left);
    }

    private void stopWatching() {
        channels.values().forEach(Channel::flush);
        if (watch != null) {
            watch.close();
        }
        channels.clear();
        bySubject.clear();
    }

    // Groups begin and end.

    @Override
    public void begun(WatchedGroup group) {
        if (group.id().ofEndpoint()
                || settings.groups().stream()
                        .noneMatch(glob -> glob.matches(group.id().name()))) {
            return;
        }
        var subject = settings.subjects().of(group.id());
        var channel = Channel.bridge(this, group, subject);
        channels.put(group, channel);
        bySubject.computeIfAbsent(subject, _ -> new ArrayList<>(1)).add(channel);
        link.subscribe(subject);
        warnOfLarge(group);
    }

    @Override
    public void ended(WatchedGroup group) {
        var channel = channels.remove(group);
        if (channel != null) {
            channel.flush();
            forget(channel);
        }
    }

    /** Receive nothing more for a channel. */
    void forget(Channel channel) {
        var others = bySubject.get(channel.subject());
        if (others != null && others.remove(channel) && others.isEmpty()) {
            bySubject.remove(channel.subject());
            link.unsubscribe(channel.subject());
        }
    }

    @Override
    public Map<String, Integer> elsewhere(GroupId group) {
        return presence == null || group.ofEndpoint() ? Map.of() : presence.elsewhere(group);
    }

    private Map<String, Integer> members() {
        var members = new HashMap<String, Integer>();
        channels.keySet().stream()
                .filter(group -> group.members() > 0)
                .limit(Census.MOST_GROUPS)
                .forEach(group -> members.merge(group.id().name(), group.members(), Integer::sum));
        return members;
    }

    private void sendPresence(byte[] message) {
        if (isUp) {
            send(new Outgoing(settings.subjects().ofPresence(), message, 0));
        }
    }

    // From the members to the servers.

    long node() {
        return node;
    }

    int maxPayload() {
        return maxPayload == 0 ? ASSUMED_PAYLOAD : maxPayload;
    }

    /** {@return how large a NATS message should be, if it can be parted} */
    int usualPayload() {
        return maxPayload == 0 ? SMALL_PAYLOAD : USUAL_PAYLOAD;
    }

    void flushLater(Channel channel) {
        loop.flushLater(channel, channel::flush);
    }

    void send(Outgoing message) {
        link.send(message);
    }

    void count(Reason reason, long messages) {
        context.counters().add(reason, messages);
    }

    void tooLarge(GroupId group, int length) {
        refusals.add(
                Reason.UPSTREAM_TOO_LARGE,
                1,
                "a message of " + length + " bytes to group " + group + "; the servers take " + maxPayload()
                        + " (max_payload)");
    }

    private void dropped(int messages) {
        refusals.add(
                Reason.UPSTREAM_FULL,
                messages,
                "the oldest messages were dropped, since more than queue-size (" + settings.queueSize()
                        + " bytes) waited");
    }

    private void warnOfLarge(WatchedGroup group) {
        if (!isWarned && maxPayload != 0 && group.framing().isFramed() && group.maxMessageSize() > maxPayload) {
            isWarned = true; // one line is enough for many groups
            LOG.log(
                    Level.WARNING,
                    context.name() + " drops messages of more than " + maxPayload
                            + " bytes (max_payload of the servers), but group "
                            + group.id() + " allows " + group.maxMessageSize()
                            + "; lower max-message-size, or raise max_payload");
        }
    }

    // From the servers to the members.

    private void receive(String subject, byte[] message) {
        if (presence != null && subject.equals(settings.subjects().ofPresence())) {
            if (!presence.heard(message)) {
                refusals.add(Reason.UPSTREAM_INVALID, 1, "no message of a forwarder on subject " + subject);
            }
            return;
        }
        var listening = bySubject.get(subject);
        if (listening == null) {
            return; // the group has ended meanwhile
        }
        receiver.receive(listening, message);
    }

    /** Takes what the link's threads tell. */
    private final class LinkListener implements Link.Listener {
        @Override
        public void up(String url, long payload) {
            isUp = true;
            boolean isChanged = maxPayload != payload;
            maxPayload = (int) Math.min(payload, Integer.MAX_VALUE / 2);
            context.counters().add(Counter.CONNECTED, 1);
            context.counters().add(Counter.CONNECTIONS, 1);
            LOG.log(
                    Level.INFO,
                    context.name() + " connected to " + url + " as " + settings.name() + ", node " + Node.text(node));
            if (isChanged) {
                loop.execute(() -> {
                    isWarned = false;
                    channels.keySet().forEach(NatsEndpoint.this::warnOfLarge);
                });
            }
        }

        @Override
        public void down(boolean isStopping) {
            isUp = false;
            context.counters().add(Counter.CONNECTIONS, -1);
            LOG.log(
                    isStopping ? Level.DEBUG : Level.WARNING,
                    context.name() + " lost its NATS server; groups go on here, and it connects again as soon as a"
                            + " server answers");
        }

        @Override
        public void failed(String why) {
            refusals.add(Reason.CONNECT_FAILED, 1, why);
        }

        @Override
        public void received(String subject, byte[] body) {
            try {
                inbound.put(subject, body);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void sent(Outgoing message) {
            context.counters().add(Counter.WRITES, 1);
            context.counters().add(Counter.BYTES_OUT, message.body().length);
        }

        @Override
        public void tooLarge(Outgoing message) {
            refusals.add(
                    Reason.UPSTREAM_TOO_LARGE,
                    Math.max(1, message.count()), // a message of presence counts too
                    "a batch of " + message.body().length + " bytes that was made for servers that take more");
        }
    }
}
