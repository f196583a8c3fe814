package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import java.util.concurrent.CountDownLatch;

/** A plain TCP transport that keeps all promises except one. */
final class FaultyTransport implements Transport {
    private final Fault fault;
    private final CountDownLatch end = new CountDownLatch(1);
    private FaultyEndpoint only;

    FaultyTransport(Fault fault) {
        this.fault = fault;
    }

    @Override
    public String type() {
        return "faulty";
    }

    @Override
    public Endpoint open(TransportContext context) {
        int port = context.settings().required("port", 0, 65_535);
        if (fault != Fault.LEAVES_A_SETTING_UNREAD) {
            context.settings().text("host-address", "");
        }
        if (fault == Fault.STARTS_A_THREAD_TO_OPEN) {
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    end.await();
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        if (fault == Fault.HAS_ONE_ENDPOINT && only != null) {
            return only;
        }
        only = new FaultyEndpoint(fault, context, port);
        return only;
    }
}
