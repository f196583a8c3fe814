package dev.socketforwarder.transport.tcp;

/** A connection that is no member yet. */
interface Arriving extends EventLoop.Selectable {
    TcpEndpoint endpoint();

    /** Register with the loop, on its thread. */
    void begin();

    /** Close without a word; for the stop. */
    void end();
}
