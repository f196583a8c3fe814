package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Reason;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.function.Consumer;

/** Asks the endpoint's policies about an arriving connection. Used on the connection's loop. */
final class Inquiry {
    private static final Outcome FAILED = new Rejected(Reason.HANDSHAKE_FAILED);

    private final ArrivingConnection arriving;
    private final Reception reception;
    private final Runnable afterwards;
    private boolean open;

    /** Make an inquiry; {@code afterwards} runs whenever a late answer has been dealt with. */
    Inquiry(ArrivingConnection arriving, Runnable afterwards) {
        this.afterwards = afterwards;
        this.arriving = arriving;
        this.reception = arriving.reception();
    }

    /** {@return whether the policies are asked on another thread, and have not answered} */
    boolean isOpen() {
        return open;
    }

    /**
     * Ask the policies.
     *
     * @param bytes the first message so far, which does not change until the answer
     * @param then gets the answer: at once, or later if a policy may block, unless the connection is over then
     */
    void ask(ByteBuffer bytes, Arrival arrival, Consumer<Outcome> then) {
        var rules = reception.shared().rules();
        if (rules.mayBlock()) {
            askElsewhere(rules.handshake(), bytes, arrival, then);
        } else {
            then.accept(rules.handshake().consider(arriving.peer(), bytes, arrival));
        }
    }

    /**
     * Ask the policies on a thread of their own. Nothing is read until they answer, so that the bytes do not change.
     * The first message keeps its place until then, even if the peer is gone. Otherwise peers that come and go could
     * fill the memory while policies hang.
     */
    private void askElsewhere(Handshake handshake, ByteBuffer bytes, Arrival arrival, Consumer<Outcome> then) {
        open = true;
        arriving.await(0);
        arriving.entry().asked();
        var peer = arriving.peer();
        reception.policies().execute(() -> {
            Outcome outcome = FAILED;
            try {
                if (!arriving.isOver()) {
                    outcome = handshake.consider(peer, bytes, arrival);
                }
            } finally {
                answerLater(outcome, then);
            }
        });
    }

    private void answerLater(Outcome outcome, Consumer<Outcome> then) {
        arriving.loop().execute(arriving, () -> {
            open = false;
            arriving.entry().answered();
            if (!arriving.isOver()) {
                arriving.await(SelectionKey.OP_READ);
                then.accept(outcome);
                afterwards.run();
            }
        });
    }
}
