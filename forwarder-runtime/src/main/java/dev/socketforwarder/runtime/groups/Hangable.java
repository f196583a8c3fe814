package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Owner;

/** An owner that runs code of others, which may hang: nobody waits for its members then. */
public interface Hangable extends Owner {}
