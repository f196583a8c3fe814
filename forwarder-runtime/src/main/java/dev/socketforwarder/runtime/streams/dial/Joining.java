package dev.socketforwarder.runtime.streams.dial;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Target;
import java.nio.channels.SocketChannel;

/**
 * Makes a connected socket a member of its target's group. If the target asks for TLS, TLS is negotiated before that.
 */
public interface Joining {

    /** Learns on the endpoint's loop what becomes of the socket. */
    interface Outcome {
        /** The socket joins its group. TLS has been negotiated, if the target asks for it. */
        void onReady();

        /**
         * TLS was not negotiated, and {@code why} tells the reason in words. The socket is closed. No other method is
         * called after this.
         */
        void onFailed(String why);

        /** The connection has ended. No other method is called after this. */
        void onClosed(Reason why);
    }

    /**
     * Take over a socket. Called on the endpoint's loop.
     *
     * @return an action for any thread, which gives up the negotiation of TLS if that is under way
     */
    Runnable join(SocketChannel socket, Peer peer, Target target, Outcome outcome);
}
