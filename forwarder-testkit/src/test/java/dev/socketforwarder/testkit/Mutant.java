package dev.socketforwarder.testkit;

/** A subject of a contract with one thing wrong with it, or with nothing. */
interface Mutant {
    /**
     * How it is found.
     *
     * @param subject the contract for it
     * @param test which test of that finds it
     * @param promise which promise that quotes; null: nothing is wrong
     */
    record Finding(Class<?> subject, String test, Promise promise) {}

    /** {@return how what is wrong with it is found} */
    Finding finding();
}
