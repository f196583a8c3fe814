package dev.socketforwarder.runtime.streams.dial;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Target;
import java.nio.channels.SocketChannel;

/** Makes a connected socket a member of its target's group, after TLS has been negotiated if the target says so. */
public interface Joining {

    /** Is told on the endpoint's loop what becomes of the socket. */
    interface Outcome {
        /** TLS stands, if there is to be any: the socket joins its group. */
        void onReady();

        /** TLS was not negotiated, for this reason in words, and the socket is closed. Nothing else is told. */
        void onFailed(String why);

        /** The connection has ended. Nothing else is told. */
        void onClosed(Reason why);
    }

    /**
     * Take over a socket. On the endpoint's loop.
     *
     * @return gives up negotiating TLS, if that is under way; for any thread
     */
    Runnable join(SocketChannel socket, Peer peer, Target target, Outcome outcome);
}
