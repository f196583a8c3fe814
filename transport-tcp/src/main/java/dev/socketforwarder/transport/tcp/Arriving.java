package dev.socketforwarder.transport.tcp;

/** A connection that is no member yet. */
interface Arriving extends EventLoop.Selectable {

    /** {@return where it came to} */
    TcpEndpoint endpoint();

    /** Register with the loop, on its thread. */
    void begin();

    /** Close without a word; for the stop. */
    void end();
}
