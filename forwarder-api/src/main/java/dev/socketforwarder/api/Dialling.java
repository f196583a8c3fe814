package dev.socketforwarder.api;

/** Ends the dialling that {@link Streams#dial} started. Not for implementation by plugins. */
public interface Dialling extends AutoCloseable {

    /** End the dialling. A connection that has already joined its group stays open. Thread-safe; further calls do nothing. */
    @Override
    void close();
}
