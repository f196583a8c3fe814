package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Owner;

/** An owner that runs foreign code, which may hang. If it does, its members are abandoned. */
public interface Hangable extends Owner {}
