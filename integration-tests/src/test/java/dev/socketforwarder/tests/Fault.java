package dev.socketforwarder.tests;

import java.util.Random;

/**
 * A kind of fault.
 *
 * @param name as in the table of docs/RELIABILITY.md
 * @param loses whether connected members lose what is on its way, whatever a forwarder does
 */
record Fault(String name, boolean loses, Injection injection) {
    /** Injects a fault, and undoes it. */
    @FunctionalInterface
    interface Injection {
        void inject(Scene scene, Random random) throws Exception;
    }

    static Fault of(String name, Injection injection) {
        return new Fault(name, false, injection);
    }

    static Fault thatLoses(String name, Injection injection) {
        return new Fault(name, true, injection);
    }
}
