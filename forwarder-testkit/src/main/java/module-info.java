/**
 * Tests for plugins, made from the promises of {@link dev.socketforwarder.api}. Any transport or handshake policy can be tested, and a
 * failure quotes the broken promise.
 */
module dev.socketforwarder.testkit {
    requires transitive dev.socketforwarder.api;
    requires transitive org.junit.jupiter.api;

    exports dev.socketforwarder.testkit;

    // JUnit calls the test methods of the contracts by reflection.
    opens dev.socketforwarder.testkit;
}
