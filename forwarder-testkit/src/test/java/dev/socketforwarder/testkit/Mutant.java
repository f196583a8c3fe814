package dev.socketforwarder.testkit;

/** The subject of a contract, with one fault or with none. */
interface Mutant {
    /**
     * Says how a fault is found.
     *
     * @param subject the contract for the faulty subject
     * @param test the test of this contract that finds the fault
     * @param promise the promise that this test quotes; null if there is no fault
     */
    record Finding(Class<?> subject, String test, Promise promise) {}

    /** {@return how the fault of this subject is found} */
    Finding finding();
}
