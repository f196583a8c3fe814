package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Counts what one of an endpoint's threads receives and sends, and adds the counts to the endpoint's counters once a
 * turn. Used on the endpoint's thread.
 */
public final class Tally {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TransportContext context;
    private final KernelReports kernel;
    private long datagramsIn;
    private long bytesIn;
    private long datagramsOut;
    private long bytesOut;

    public Tally(TransportContext context) {
        this.context = context;
        this.kernel = new KernelReports(context.name(), context.counters());
    }

    /** Count received datagrams of data. */
    public void received(long datagrams, long bytes) {
        datagramsIn += datagrams;
        bytesIn += bytes;
    }

    /** Count datagrams that the kernel accepted for sending. */
    public void sent(long datagrams, long bytes) {
        datagramsOut += datagrams;
        bytesOut += bytes;
    }

    /** Report a datagram that the kernel refused to send. */
    public void sendFailed(InetSocketAddress to, String why) {
        refused(Reason.SEND_FAILED, to, why);
    }

    /** {@return the reports of the kernel on lost datagrams} */
    public KernelReports kernel() {
        return kernel;
    }

    /** Report a dropped datagram without showing its bytes. */
    public void refused(Reason reason, InetSocketAddress peer, String detail) {
        context.refused(reason, peer, detail, NOTHING);
    }

    /** Report several dropped datagrams of one peer. */
    public void refused(Reason reason, InetSocketAddress peer, int datagrams) {
        refused(reason, peer, "");
        context.counters().add(reason, datagrams - 1);
    }

    /** Add the new counts to the endpoint's counters. */
    public void flush() {
        var counters = context.counters();
        if (datagramsIn > 0) {
            counters.add(Counter.READS, datagramsIn);
            counters.add(Counter.BYTES_IN, bytesIn);
            datagramsIn = 0;
            bytesIn = 0;
        }
        if (datagramsOut > 0) {
            counters.add(Counter.WRITES, datagramsOut);
            counters.add(Counter.BYTES_OUT, bytesOut);
            datagramsOut = 0;
            bytesOut = 0;
        }
    }
}
