package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Groups.Refused;
import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Challenge;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Encoding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.function.Consumer;

/** Serves one connection of {@link ScriptedStreams}, on the thread of its loop. */
final class ScriptedConnection implements Member, EndpointLoop.Ready {
    private static final long LINGER_NS = 500_000_000;

    private final ScriptedStreams streams;
    private final SocketChannel channel;
    private final Peer peer;
    private final Consumer<Reason> onClosed;
    private final ByteBuffer first;
    private final ScriptedConversation conversation; // null: the connection has no codec
    private SelectionKey key;
    private Membership membership; // null before the join
    private boolean hasPlace;
    private boolean paused;
    private boolean quiesced;
    private boolean leaving; // has left the group, and is still flushing
    private boolean ended; // the peer has ended its side
    private Reason why = Reason.PEER_CLOSED; // why the connection ends
    private boolean isGone;

    ScriptedConnection(ScriptedStreams streams, SocketChannel channel, Peer peer, Consumer<Reason> onClosed) {
        this(streams, channel, peer, onClosed, Optional.empty());
    }

    ScriptedConnection(
            ScriptedStreams streams,
            SocketChannel channel,
            Peer peer,
            Consumer<Reason> onClosed,
            Optional<Codec.Factory> codecs) {
        this.streams = streams;
        this.channel = channel;
        this.peer = peer;
        this.onClosed = onClosed;
        this.first = ByteBuffer.allocate(streams.firstMessageLimit());
        this.conversation = codecs.map(made -> new ScriptedConversation(this, made, peer, first.capacity()))
                .orElse(null);
    }

    void begin() {
        hasPlace = streams.context().connections().take();
        try {
            channel.configureBlocking(false);
            key = streams.loop().register(channel, SelectionKey.OP_READ, this);
        } catch (IOException _) {
            end();
            return;
        }
        if (!hasPlace) {
            refuse(Reason.TOO_MANY_CONNECTIONS);
        }
    }

    /** Make the connection a member at once, without a handshake. */
    void begin(GroupId group, ByteBuffer greeting) {
        begin();
        if (!isGone) {
            join(group);
        }
        if (!isGone && greeting.hasRemaining()) {
            var block = Block.borrowed(greeting);
            membership.queue().add(new Batch(block).add(0, greeting.capacity()));
            write();
            block.recycle();
        }
    }

    @Override
    public void onReady(SelectionKey ready) throws IOException {
        if (ready.isWritable()) {
            write();
        }
        if (ready.isValid() && ready.isReadable()) {
            read();
        }
    }

    @Override
    public void failed(Throwable thrown) {
        end();
    }

    private int read() throws IOException {
        var buffer = streams.buffer().clear();
        int n = channel.read(
                conversation == null || leaving ? buffer : buffer.limit(Math.min(buffer.limit(), conversation.room())));
        if (n < 0) {
            ended = true;
            if (conversation != null && membership != null) {
                conversation.ended();
            }
            finish();
        } else if (n > 0 && !leaving) {
            if (conversation != null) {
                count(n);
                conversation.received(buffer.flip());
            } else if (membership == null) {
                greet(n);
            } else {
                publish(0, n);
            }
        }
        return n;
    }

    private void greet(int n) throws IOException {
        int before = first.position();
        first.put(streams.buffer().slice(0, Math.min(n, first.remaining())));
        var arrival = before == 0 ? Arrival.FIRST_READ : Arrival.MORE;
        switch (streams.handshake().consider(peer, first.duplicate().flip().asReadOnlyBuffer(), arrival)) {
            case Admitted(var group, int consumed) -> {
                join(group);
                if (membership != null && consumed - before < n) {
                    publish(consumed - before, n - (consumed - before));
                }
            }
            case NeedMore() -> {
                if (!first.hasRemaining()) {
                    refuse(Reason.FIRST_MESSAGE_TOO_LONG);
                }
            }
            case Challenge(var reply) -> channel.write(reply.duplicate());
            case Rejected(var reason, var _) -> refuse(reason);
            case Declined(var reason, var _) -> refuse(reason);
        }
    }

    private void join(String group) {
        if (!GroupId.isValid(group)) {
            refuse(Reason.BAD_GROUP_ID);
        } else {
            join(GroupId.of(group));
        }
    }

    /** Ask the policies on behalf of a codec. */
    void ask(ByteBuffer firstMessage) {
        switch (streams.handshake().consider(peer, firstMessage, Arrival.FIRST_READ)) {
            case Admitted(var group, var _) -> join(group);
            case Rejected(var reason, var _) -> refuse(reason);
            case Declined(var reason, var _) -> refuse(reason);
            case NeedMore() -> refuse(Reason.FIRST_MESSAGE_INCOMPLETE);
            case Challenge(var _) -> refuse(Reason.NOT_ADMITTED);
        }
    }

    Membership membership() {
        return membership;
    }

    boolean isOnLoop() {
        return streams.loop().isCurrent();
    }

    @Override
    public Optional<Encoding> encoding() {
        return conversation == null ? Optional.empty() : conversation.encoding();
    }

    /** Send bytes of a codec. */
    void send(ByteBuffer bytes) {
        if (membership != null) {
            membership.queue().send(bytes);
            streams.loop().flushLater(this, this::write);
            return;
        }
        try {
            channel.write(bytes);
        } catch (IOException _) {
            // The end of the connection is found by the next read.
        }
    }

    /** Publish a message of a codec. */
    void publish(Batch message) {
        membership.publish(message);
        streams.loop().flushNow();
    }

    /** End the connection as its codec says. */
    void endFor(Reason reason) {
        why = reason;
        streams.context().refused(reason, peer.remote(), "", ByteBuffer.allocate(0));
        finish();
    }

    void join(GroupId group) {
        switch (streams.context().groups().join(group, this, streams.loop())) {
            case Joined(var joined) -> {
                membership = joined;
                streams.context().counters().add(Counter.JOINED, 1);
                streams.context().counters().add(Counter.MEMBERS, 1);
            }
            case Refused(var reason) -> refuse(reason);
        }
    }

    void refuse(Reason reason) {
        why = reason;
        streams.context().refused(reason, peer.remote(), "", ByteBuffer.allocate(0));
        if (conversation != null) {
            conversation.goodbye(reason);
            finish();
        } else {
            end();
        }
    }

    private void count(int length) {
        streams.context().counters().add(Counter.BYTES_IN, length);
        streams.context().counters().add(Counter.READS, 1);
    }

    private void publish(int from, int length) {
        count(length);
        streams.publish(membership::publish, from, length);
    }

    @Override
    public void deliver(Batch batch) {
        membership.queue().add(batch);
        streams.loop().flushLater(this, this::write);
    }

    private void write() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            streams.context()
                    .counters()
                    .add(Counter.BYTES_OUT, membership.queue().writeTo(channel));
            streams.context().counters().add(Counter.WRITES, 1);
            interest();
            if (leaving && membership.queue().isEmpty()) {
                flushed();
            }
        } catch (IOException _) {
            end();
        }
    }

    private void flushed() throws IOException {
        if (ended) {
            end();
        } else {
            channel.shutdownOutput(); // what the peer still sends is discarded until it ends its side
            streams.loop().deadlines().in(LINGER_NS, this::end);
        }
    }

    private void interest() {
        if (key.isValid()) {
            boolean reads = !ended && (leaving || !paused && !quiesced);
            boolean writes = membership != null && !membership.queue().isEmpty();
            key.interestOps((reads ? SelectionKey.OP_READ : 0) | (writes ? SelectionKey.OP_WRITE : 0));
        }
    }

    /** Read what the kernel holds now, and nothing that arrives later. */
    void quiesce() {
        if (membership == null) {
            end();
            return;
        }
        try {
            int limit = streams.buffer().capacity();
            for (int i = 0; i < limit && !leaving && read() > 0; i++) {
                // Read until the kernel holds nothing more.
            }
        } catch (IOException _) {
            end();
        }
        quiesced = true;
        interest();
    }

    /** Leave the group now, and close the connection once all queued bytes are written. */
    void finish() {
        if (conversation != null) {
            conversation.goodbye(Reason.STOPPED); // unless an end was told before
        }
        if (membership == null) {
            end();
        } else if (!leaving || ended) {
            leave();
            interest();
            write();
        }
    }

    private void leave() {
        if (membership != null && !leaving) {
            membership.leave(Reason.PEER_CLOSED);
            streams.context().counters().add(Counter.MEMBERS, -1);
        }
        leaving = true;
    }

    /** Close the connection now, without flushing. */
    void end() {
        if (isGone) {
            return;
        }
        isGone = true;
        if (conversation != null) {
            conversation.close();
        }
        leave();
        if (membership != null) {
            streams.missed(membership.queue().clear());
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (hasPlace) {
            streams.context().connections().giveBack();
        }
        streams.gone(this);
        onClosed.accept(why);
    }

    @Override
    public void pause() {
        paused = true;
        interest();
    }

    @Override
    public void resume() {
        paused = false;
        interest();
    }

    @Override
    public void close(Reason reason) {
        why = reason;
        streams.context().counters().add(reason, 1);
        end();
    }

    @Override
    public String describe() {
        return streams.context().name() + " " + peer.remote();
    }
}
