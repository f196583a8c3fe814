package dev.socketforwarder.runtime.monitor;

import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** The answer to a request, whichever way the request came. */
public sealed interface Answer {

    /** A document. */
    record Document(ObjectNode json) implements Answer {}

    /** Documents that go on until their reader goes away. */
    record Documents(Source source) implements Answer {}

    /** Gives documents one after the other. Used by one thread. */
    interface Source extends AutoCloseable {

        /** {@return the next document; empty if there is none within this time} */
        Optional<ObjectNode> next(Duration limit) throws InterruptedException;

        @Override
        void close();
    }

    /**
     * The command is carried out, and there is nothing to tell.
     *
     * @param afterwards to be run once the answer is written
     */
    record Done(Runnable afterwards) implements Answer {

        /** There is nothing to do afterwards. */
        Done() {
            this(() -> {});
        }
    }

    /**
     * The request cannot be answered.
     *
     * @param status as in HTTP
     * @param error one line for a person
     */
    record Failure(int status, String error) implements Answer {}
}
