package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Challenge;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.wire.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads as much of the first message as the policies need to tell which group the peer may join. */
final class HandshakeStage implements Stage {
    private static final byte TLS_HANDSHAKE = 22;
    private static final byte TLS_MAJOR_VERSION = 3;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final ArrivingConnection arriving;
    private final Reception reception;
    private final Wire wire;
    private ByteBuffer received; // null: no byte has come yet
    private final Inquiry inquiry;

    HandshakeStage(ArrivingConnection arriving) {
        this.arriving = arriving;
        this.reception = arriving.reception();
        this.wire = arriving.wire();
        this.inquiry = new Inquiry(arriving, this::readMore);
    }

    /** Ask the policies, at first without a byte from the peer. */
    @Override
    public void begin() {
        decide(Arrival.NONE);
        readMore();
    }

    @Override
    public void onReady() {
        receive();
        readMore();
    }

    @Override
    public void onTimeout() {
        refuse(Reason.FIRST_MESSAGE_TIMEOUT, "");
    }

    /** Read the bytes that came together with earlier ones, since the selector does not report those. */
    private void readMore() {
        while (!arriving.isOver() && !inquiry.isOpen() && wire.hasMore()) {
            receive();
        }
        if (!arriving.isOver() && !inquiry.isOpen() && wire.isReadBlocked()) {
            refuse(Reason.NOT_ADMITTED, "the peer does not read what it is sent");
        }
    }

    private void receive() {
        var arrival = received == null ? Arrival.FIRST_READ : Arrival.MORE;
        var buffer = arriving.loop().scratch();
        try {
            int n = wire.read(buffer.limit(room()));
            if (n < 0) {
                onEnd();
            } else if (n > 0) {
                keep(buffer.flip());
                decide(arrival);
            }
        } catch (IOException _) {
            onEnd();
        }
    }

    /** {@return how many more bytes the first message may have} */
    private int room() {
        return received == null ? reception.shared().settings().firstMessageLimit() : received.remaining();
    }

    private void onEnd() {
        refuse(received == null ? Reason.PROBE : Reason.FIRST_MESSAGE_INCOMPLETE, "");
    }

    private void keep(ByteBuffer bytes) {
        if (received == null) {
            received = ByteBuffer.allocate(
                    Math.max(bytes.remaining(), reception.shared().settings().firstMessageLimit()));
        }
        received.put(bytes);
    }

    @Override
    public ByteBuffer received() {
        return received == null ? NOTHING : received.asReadOnlyBuffer().flip();
    }

    private void decide(Arrival arrival) {
        if (reception.shared().rules().expectsProxies() && ProxyHeader.isAtStartOf(received())) {
            refuse(Reason.PROXY_HEADER_UNEXPECTED, "");
            return;
        }
        inquiry.ask(received(), arrival, this::answer);
    }

    private void answer(Outcome outcome) {
        switch (outcome) {
            case Admitted(var argument, var consumed) -> admit(argument, consumed);
            case Declined(var reason, var detail) -> refuse(reason, detail);
            case Rejected(var reason, var detail) -> refuse(reason, detail);
            case Challenge(var reply) -> {
                challenge(reply);
                awaitMore();
            }
            case NeedMore() -> awaitMore();
        }
    }

    private void awaitMore() {
        if (received != null && !received.hasRemaining()) {
            refuse(Reason.FIRST_MESSAGE_TOO_LONG, "");
        }
    }

    private void challenge(ByteBuffer challenge) {
        var reply = challenge.duplicate(); // a duplicate, since the policy may send the same buffer to every peer
        try {
            wire.write(reply);
        } catch (IOException _) {
            onEnd();
            return;
        }
        if (reply.hasRemaining() || !wire.isFlushed()) {
            refuse(Reason.NOT_ADMITTED, "the peer does not read the challenge");
        }
    }

    private void admit(String argument, int consumed) {
        if (GroupId.isValid(argument)) {
            arriving.join(
                    GroupId.of(argument), Membership::joinReply, received().position(consumed));
        } else {
            refuse(Reason.BAD_GROUP_ID, "");
        }
    }

    private void refuse(Reason reason, String detail) {
        arriving.refuse(beginsTls(received()) ? Reason.UNEXPECTED_TLS : reason, detail);
    }

    /** {@return whether the bytes begin a TLS handshake record} No prefix begins with a control character. */
    static boolean beginsTls(ByteBuffer bytes) {
        return bytes.remaining() > 0
                && bytes.get(0) == TLS_HANDSHAKE
                && (bytes.remaining() == 1 || bytes.get(1) == TLS_MAJOR_VERSION);
    }

    /** A peer that speaks TLS to an endpoint without TLS takes no line. */
    @Override
    public boolean canReply() {
        return !beginsTls(received());
    }

    @Override
    public String toString() {
        return "the handshake";
    }
}
