package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Owner;

/** An owner that runs code of others, which may hang: nobody waits for its members then. */
interface Hangable extends Owner {}
