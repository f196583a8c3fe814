package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** What one endpoint receives and sends, added to its counters once a turn. Used on the endpoint's thread. */
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

    /** Count datagrams that are data. */
    public void received(long datagrams, long bytes) {
        datagramsIn += datagrams;
        bytesIn += bytes;
    }

    /** Count datagrams that the kernel took. */
    public void sent(long datagrams, long bytes) {
        datagramsOut += datagrams;
        bytesOut += bytes;
    }

    /** Report a datagram that the kernel would not send. */
    public void sendFailed(InetSocketAddress to, String why) {
        refused(Reason.SEND_FAILED, to, why);
    }

    /** {@return where to tell of what the kernel says of lost datagrams} */
    public KernelReports kernel() {
        return kernel;
    }

    /** Report a dropped datagram whose bytes say nothing. */
    public void refused(Reason reason, InetSocketAddress peer, String detail) {
        context.refused(reason, peer, detail, NOTHING);
    }

    /** Report several dropped datagrams of one peer. */
    public void refused(Reason reason, InetSocketAddress peer, int datagrams) {
        refused(reason, peer, "");
        context.counters().add(reason, datagrams - 1);
    }

    /** Add to the endpoint's counters what is not there yet. */
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
