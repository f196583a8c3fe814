package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;

/** Ends the dialling that {@link Streams#dial} started. */
@NotForImplementation
public interface Dialling extends AutoCloseable {

    /** End the dialling. A connection that has already joined its group stays open. Thread-safe; further calls do nothing. */
    @Override
    void close();

    /** End the dialling. A connection that has already joined its group gets what is queued for it, and is closed. */
    void hangUp();
}
