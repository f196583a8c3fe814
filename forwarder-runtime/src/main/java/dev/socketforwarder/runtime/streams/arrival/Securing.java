package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.runtime.streams.dial.Joining;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.loop.LoopGroup;
import dev.socketforwarder.runtime.streams.member.Connection;
import dev.socketforwarder.runtime.streams.member.Greeting;
import dev.socketforwarder.runtime.streams.member.StreamContext;
import dev.socketforwarder.runtime.streams.wire.TlsWire;
import dev.socketforwarder.runtime.streams.wire.Wire;
import dev.socketforwarder.runtime.text.Printable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.cert.CertificateException;

/**
 * A connection to a dialled server while TLS is being negotiated. Runs on the loop of the group that the connection
 * then joins as a {@link Connection}.
 */
public final class Securing implements EventLoop.Selectable {
    private static final int LONGEST_REASON = 200;

    private final Reception reception;
    private final StreamContext shared;
    private final SocketChannel socket;
    private final Peer peer;
    private final Target target;
    private final Greeting greeting;
    private final Joining.Outcome outcome;

    // The fields below are set when the connection begins.
    private volatile EventLoop loop; // null: not begun
    private LoopGroup group;
    private Admission.Entry entry;
    private Wire wire; // goes through TLS as soon as there is an engine
    private TlsWire tls;
    private Deadlines.Deadline deadline;
    private SelectionKey key;

    private String failure; // null: no failure
    private volatile boolean givenUp;
    private volatile boolean over; // also read by the threads that run tasks of the handshake

    /** Make a connection that has not begun. {@code greeting} makes the target's first bytes. */
    public Securing(
            Reception reception,
            SocketChannel socket,
            Peer peer,
            Target target,
            Greeting greeting,
            Joining.Outcome outcome) {
        this.reception = reception;
        this.shared = reception.shared();
        this.socket = socket;
        this.peer = peer;
        this.target = target;
        this.greeting = greeting;
        this.outcome = outcome;
    }

    /** Begin to negotiate. On the group's loop. */
    public void begin(Admission.Entry mine, LoopGroup ofTarget) {
        entry = mine;
        group = ofTarget;
        loop = ofTarget.loop();
        reception.take(socket, peer, entry, group, this::negotiate);
    }

    private void negotiate(Wire plain) {
        wire = plain;
        deadline = loop.deadlines()
                .in(target.timeout().toNanos(), () -> loop.attempt(this, () -> fail("TLS was not negotiated in time")));
        loop.attempt(this, () -> {
            tls = new TlsWire(
                    socket,
                    target.tls().orElseThrow().newEngine(),
                    shared.loops().strangersTlsBuffers(),
                    loop.tlsScratch(),
                    () -> loop.execute(this, () -> fail(Reason.TLS_BUFFERS_FULL.label())));
            wire = tls;
            try {
                key = socket.register(loop.selector(), 0, this);
            } catch (IOException e) {
                fail(String.valueOf(e.getMessage()));
                return;
            }
            if (givenUp) {
                fail(Reason.STOPPED.label());
            } else {
                advance();
            }
        });
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public void onReady(SelectionKey ready) {
        advance();
    }

    private void advance() {
        try {
            switch (tls.negotiate()) {
                case READ -> key.interestOps(SelectionKey.OP_READ);
                case WRITE -> key.interestOps(SelectionKey.OP_WRITE);
                case TASKS -> {
                    key.interestOps(0);
                    shared.loops().runTask(this::runTasks);
                }
                case DONE -> join();
            }
        } catch (IOException e) {
            fail(why(e));
        }
    }

    private void runTasks() {
        if (!over) {
            tls.runTasks();
            loop.execute(this, () -> {
                if (!over) {
                    advance();
                }
            });
        }
    }

    private static String why(IOException e) {
        return switch (e) {
            case EOFException _ -> "the server ended the connection while TLS was negotiated";
            case TlsWire.NotTls _ -> "the server does not speak TLS";
            default -> {
                // The message may contain the server's own words.
                var said = Printable.line(String.valueOf(e.getMessage()));
                boolean isCertificate = e.getCause() instanceof CertificateException;
                var what = isCertificate ? "the server's certificate is refused: " : "TLS: ";
                yield what + said.substring(0, Math.min(said.length(), LONGEST_REASON));
            }
        };
    }

    private void join() {
        over = true;
        deadline.cancel();
        shared.context().loop().execute(outcome::onReady);
        var member = new Connection(
                shared,
                wire,
                peer,
                (closing, why) -> reception.forget(closing, entry, why),
                group,
                ByteBuffer.allocate(0));
        loop.attempt(member, () -> {
            key.attach(member);
            key.interestOps(SelectionKey.OP_READ);
            member.join(key, greeting);
        });
    }

    private void fail(String why) {
        if (!over) {
            over = true;
            failure = why;
            deadline.cancel();
            shared.loops().leave(group);
            reception.forget(wire, entry, Reason.CONNECT_FAILED);
        }
    }

    /** Note that the connection has ended, as a member or before that. On the endpoint's loop. */
    public void onClosed(Reason why) {
        if (failure == null) {
            outcome.onClosed(why);
        } else {
            outcome.onFailed(failure);
        }
    }

    /** Negotiate no longer. Any thread may call this. */
    public void giveUp() {
        givenUp = true;
        var begun = loop;
        if (begun != null) {
            begun.execute(this, () -> {
                if (deadline != null) {
                    fail(Reason.STOPPED.label());
                }
            });
        }
    }

    @Override
    public void onFailure() {
        fail(Reason.INTERNAL_ERROR.label());
    }

    @Override
    public String toString() {
        return "TLS with " + AddressText.of(peer.remote());
    }
}
