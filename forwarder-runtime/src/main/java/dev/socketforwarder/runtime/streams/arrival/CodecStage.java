package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.Codec;
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
import dev.socketforwarder.runtime.streams.member.Dialogue;
import dev.socketforwarder.runtime.streams.member.DirectLine;
import dev.socketforwarder.runtime.streams.member.RefusalReply;
import dev.socketforwarder.runtime.streams.wire.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Lets a codec read what the peer sends until the codec joins a group, or ends the connection. */
final class CodecStage implements Stage {
    private static final int USUAL_LENGTH = 1_024;

    private final ArrivingConnection arriving;
    private final Codec.Factory codecs;
    private final Wire wire;
    private final DirectLine line;
    private final Inquiry inquiry;
    private final int limit;
    private Dialogue dialogue; // null until the stage begins
    private boolean isTls; // whether the first bytes begin a TLS handshake, and the codec has not taken them
    private ByteBuffer left; // what the codec has not taken, from 0 to the position; null: no byte has come yet

    CodecStage(ArrivingConnection arriving, Codec.Factory codecs) {
        this.arriving = arriving;
        this.codecs = codecs;
        this.wire = arriving.wire();
        this.line = new DirectLine(wire);
        this.inquiry = new Inquiry(arriving, () -> {});
        this.limit = arriving.reception().shared().settings().firstMessageLimit();
    }

    @Override
    public void begin() {
        dialogue = Dialogue.open(codecs, arriving.peer(), line);
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
        while (isReading() && wire.hasMore()) {
            receive();
        }
        if (isReading() && wire.isReadBlocked()) {
            refuse(Reason.NOT_ADMITTED, "the peer does not read what it is sent");
        }
    }

    private boolean isReading() {
        return !arriving.isOver() && dialogue.joining() == null;
    }

    private void receive() {
        if (!isReading()) {
            return;
        }
        var buffer = arriving.loop().scratch();
        try {
            int n = wire.read(buffer.limit(left == null ? limit : limit - left.position()));
            if (n < 0) {
                onEnd();
            } else if (n > 0) {
                keep(buffer.flip());
            }
        } catch (IOException _) {
            onEnd();
        }
    }

    private void onEnd() {
        refuse(left == null ? Reason.PROBE : Reason.FIRST_MESSAGE_INCOMPLETE, "");
    }

    private void keep(ByteBuffer bytes) {
        boolean isFirst = left == null;
        if (isFirst) {
            left = ByteBuffer.allocate(Math.min(limit, Math.max(bytes.remaining(), USUAL_LENGTH)));
        } else if (left.remaining() < bytes.remaining()) {
            int needed = left.position() + bytes.remaining();
            left = ByteBuffer.allocate(Math.min(limit, Math.max(needed, 2 * left.capacity())))
                    .put(left.flip());
        }
        left.put(bytes);
        if (isFirst && arriving.reception().shared().rules().expectsProxies() && ProxyHeader.isAtStartOf(unread())) {
            refuse(Reason.PROXY_HEADER_UNEXPECTED, "");
            return;
        }
        isTls |= isFirst && HandshakeStage.beginsTls(unread());
        left.flip();
        dialogue.receive(left);
        isTls &= left.position() == 0 || dialogue.end() != null;
        left.compact();
        follow();
    }

    private ByteBuffer unread() {
        return left.asReadOnlyBuffer().flip();
    }

    /** Do what the codec asked for. */
    private void follow() {
        var joining = dialogue.joining();
        if (dialogue.end() != null) {
            arriving.end(new Dialogue.End(
                    named(dialogue.end().reason()), dialogue.end().detail()));
        } else if (line.hasFailed()) {
            refuse(Reason.NOT_ADMITTED, "the peer does not read what it is sent");
        } else if (joining == null) {
            if (left.position() == limit) {
                refuse(Reason.FIRST_MESSAGE_TOO_LONG, "");
            }
        } else if (joining.group() != null) {
            join(joining.group());
        } else {
            inquiry.ask(joining.firstMessage(), Arrival.FIRST_READ, this::answer);
        }
    }

    private void answer(Outcome outcome) {
        switch (outcome) {
            case Admitted(var argument, var _) -> {
                if (GroupId.isValid(argument)) {
                    join(GroupId.of(argument));
                } else {
                    refuse(Reason.BAD_GROUP_ID, "");
                }
            }
            case Declined(var reason, var detail) -> refuse(reason, detail);
            case Rejected(var reason, var detail) -> refuse(reason, detail);
            case Challenge(var _) ->
                refuse(Reason.NOT_ADMITTED, "a policy challenges, and the codec has no words for that");
            case NeedMore() -> refuse(Reason.FIRST_MESSAGE_INCOMPLETE, "");
        }
    }

    private void join(GroupId group) {
        arriving.join(group, Membership::joinReply, left.flip(), dialogue);
    }

    private void refuse(Reason reason, String detail) {
        arriving.refuse(named(reason), detail);
    }

    /** {@return the reason, or that the peer speaks TLS, which then is the cause} */
    private Reason named(Reason reason) {
        return isTls ? Reason.UNEXPECTED_TLS : reason;
    }

    @Override
    public void end(Reason reason) {
        if (dialogue == null) {
            return;
        }
        boolean hasReader = reason != Reason.PROBE && reason != Reason.INTERNAL_ERROR && !line.hasFailed();
        if (hasReader) {
            dialogue.goodbye(reason);
            RefusalReply.finish(wire, arriving.loop().scratch());
        }
        dialogue.close();
    }

    @Override
    public String toString() {
        return "the codec";
    }
}
