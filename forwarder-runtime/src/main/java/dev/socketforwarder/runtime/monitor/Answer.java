package dev.socketforwarder.runtime.monitor;

import tools.jackson.databind.node.ObjectNode;

/** What a request is answered with, whichever way it came. */
public sealed interface Answer {

    /** A document. */
    record Document(ObjectNode json) implements Answer {}

    /** It is done, and there is nothing to tell. */
    record Done() implements Answer {}

    /**
     * It cannot be answered.
     *
     * @param status as in HTTP
     * @param error one line for a person
     */
    record Failure(int status, String error) implements Answer {}
}
