package dev.socketforwarder.testkit;

/** A subject of a contract with one thing wrong with it, which a test of that contract finds. */
interface Mutant {
    /** {@return which test that is} */
    String test();

    /** {@return which promise that quotes} */
    Promise promise();

    /** {@return the contract for it} */
    Class<?> subject();
}
