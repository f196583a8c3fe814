package dev.socketforwarder.api;

/** Ends what {@link Streams#dial} began. Not for implementation by plugins. */
public interface Dialling extends AutoCloseable {

    /** Dial no more. A connection that is a member already stays one. May be called by any thread, and more than once. */
    @Override
    void close();
}
