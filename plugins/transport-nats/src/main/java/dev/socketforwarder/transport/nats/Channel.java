package dev.socketforwarder.transport.nats;

import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.WatchedGroup;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Batch.Form;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.MessageKind;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bridge between one group and its subject. What the members publish is put together to few NATS messages, one for each turn of
 * the loop where possible, since a NATS message costs more than its bytes. Used on the loop's thread.
 */
final class Channel implements Member {
    private static final AtomicInteger INCARNATIONS = new AtomicInteger();
    private static final MessageKind[] KINDS = MessageKind.values();

    private final NatsEndpoint endpoint;
    private final WatchedGroup group;
    private final String subject;
    private final Trail fromHere;
    private final Framing framing;
    private final String framingText;
    private final int incarnation = INCARNATIONS.incrementAndGet();

    private Membership membership;
    private Draft draft; // null while nothing waits for the flush
    private long next = 1; // the number of the next message

    private Channel(NatsEndpoint endpoint, WatchedGroup group, String subject) {
        this.endpoint = endpoint;
        this.group = group;
        this.subject = subject;
        this.fromHere = Trail.NONE.with(endpoint.node());
        this.framing = group.framing();
        this.framingText = framing.toString();
    }

    /** Let a group be bridged. */
    static Channel bridge(NatsEndpoint endpoint, WatchedGroup group, String subject) {
        var channel = new Channel(endpoint, group, subject);
        channel.membership = group.bridge(channel);
        return channel;
    }

    WatchedGroup group() {
        return group;
    }

    String subject() {
        return subject;
    }

    /** {@return the number of this channel, which no other channel of the process has} */
    int incarnation() {
        return incarnation;
    }

    boolean isFramedAs(String text) {
        return framingText.equals(text);
    }

    // From the members to the servers.

    @Override
    public void deliver(Batch batch) {
        var trail = Trail.of(batch.origin());
        if (trail.isFull()) {
            endpoint.count(Reason.FORWARDING_LOOP, batch.messages(framing));
            return;
        }
        trail = trail == Trail.NONE ? fromHere : trail.with(endpoint.node());
        int envelope = Envelope.bytes(trail, framingText);
        int most = endpoint.maxPayload() - envelope;
        int usual = Math.min(most, endpoint.usualPayload());
        for (int i = 0; i < batch.count(); i++) {
            if (batch.form() == Form.MESSAGES) {
                addMessage(batch, i, trail, usual, most - Draft.LENGTH_BYTES);
            } else if (framing.isFramed()) {
                addFramed(batch, i, trail, usual, most);
            } else {
                addChunk(batch, i, trail, Math.max(1, usual - Draft.LENGTH_BYTES));
            }
        }
        if (draft != null) {
            endpoint.flushLater(this);
        }
    }

    /** Add whole messages, as many at a time as fit into a usual NATS message; or one that is larger. */
    private void addFramed(Batch batch, int part, Trail trail, int usual, int most) {
        var bytes = batch.block().bytes();
        int end = batch.offset(part) + batch.length(part);
        int at = batch.offset(part);
        while (at < end) {
            int to = (int) framing.end(bytes, at, end);
            int count = 1;
            while (to < end) {
                int after = (int) framing.end(bytes, to, end);
                if (after - at > usual) {
                    break;
                }
                to = after;
                count++;
            }
            if (to - at > most) {
                tooLarge(to - at);
            } else {
                draft(batch.form(), trail, to - at, usual).addFramed(bytes, at, to - at, count);
            }
            at = to;
        }
    }

    private void addChunk(Batch batch, int part, Trail trail, int usual) {
        int end = batch.offset(part) + batch.length(part);
        for (int at = batch.offset(part); at < end; at += usual) {
            int length = Math.min(usual, end - at);
            draft(Form.STREAM, trail, Draft.LENGTH_BYTES + length, usual)
                    .addPart(batch.block().bytes(), at, length, MessageKind.NONE);
        }
    }

    private void addMessage(Batch batch, int part, Trail trail, int usual, int most) {
        int length = batch.length(part);
        if (length > most) {
            tooLarge(length);
            return;
        }
        draft(Form.MESSAGES, trail, Draft.LENGTH_BYTES + length, usual)
                .addPart(batch.block().bytes(), batch.offset(part), length, batch.kind(part));
    }

    /** {@return the draft that takes so many bytes more} */
    private Draft draft(Form form, Trail trail, int bytes, int usual) {
        if (draft != null && !draft.takes(form, trail, bytes, usual)) {
            flush();
        }
        if (draft == null) {
            draft = new Draft(form, trail, framingText, bytes);
        }
        return draft;
    }

    private void tooLarge(int length) {
        flush();
        next++; // so that other forwarders notice the gap
        endpoint.tooLarge(group.id(), length);
    }

    /** Send what waits. */
    void flush() {
        if (draft == null) {
            return;
        }
        var finished = draft;
        draft = null;
        endpoint.send(new Outgoing(subject, finished.finish(incarnation, next), finished.count()));
        next += finished.count();
    }

    // From the servers to the members.

    /**
     * Publish received messages.
     *
     * @param batch an empty batch of the envelope's form
     * @param length how many bytes of the batch's block are the body
     * @return how many messages were left out, since they are larger than allowed; -1 if the body is malformed, and nothing is published
     */
    int publish(Envelope envelope, Batch batch, int length) {
        boolean isStream = framing.isFramed() && batch.form() == Form.STREAM;
        int leftOut = isStream ? framed(batch, length, envelope.count()) : parts(batch, length, envelope.count());
        if (leftOut >= 0 && batch.count() > 0) {
            membership.publish(batch.origin(envelope.trail()));
        }
        return leftOut;
    }

    private int framed(Batch batch, int length, int expected) {
        var bytes = batch.block().bytes();
        int largest = group.maxMessageSize();
        int leftOut = 0;
        int from = 0;
        int count = 0;
        for (int at = 0; at < length; count++) {
            long end = framing.end(bytes, at, length);
            if (end <= at || end > length) {
                return -1;
            }
            if (end - at - framing.frameBytes(largest) > largest) {
                leftOut++;
                add(batch, from, at);
                from = (int) end;
            }
            at = (int) end;
        }
        add(batch, from, length);
        return count == expected ? leftOut : -1;
    }

    private static void add(Batch batch, int from, int to) {
        if (to > from) {
            batch.add(from, to - from);
        }
    }

    private int parts(Batch batch, int length, int expected) {
        var bytes = batch.block().bytes();
        int largest = framing.isFramed() ? group.maxMessageSize() : Integer.MAX_VALUE;
        int leftOut = 0;
        int count = 0;
        for (int at = 0; at < length; count++) {
            int header = length - at < Draft.LENGTH_BYTES ? -1 : bytes.getInt(at);
            int kind = header >>> Draft.KIND_SHIFT;
            int part = header & Draft.LENGTH_MASK;
            at += Draft.LENGTH_BYTES;
            if (kind > (batch.form() == Form.STREAM ? 0 : KINDS.length - 1) || part > length - at) {
                return -1;
            }
            if (part > largest) {
                leftOut++;
            } else {
                batch.add(at, part, KINDS[kind]);
            }
            at += part;
        }
        return count == expected ? leftOut : -1;
    }

    // What the runtime asks.

    @Override
    public boolean takesEitherForm() {
        return true;
    }

    @Override
    public boolean pausable() {
        return false; // other forwarders do not wait
    }

    @Override
    public void close(Reason reason) {
        endpoint.forget(this);
        membership.leave(reason);
    }

    @Override
    public String describe() {
        return "NATS " + subject;
    }
}
