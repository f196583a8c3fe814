/**
 * The promises of {@link dev.socketforwarder.api} as tests: a transport or a handshake policy of anyone is run through
 * them, and a failure quotes the promise that was broken.
 */
module dev.socketforwarder.testkit {
    requires transitive dev.socketforwarder.api;
    requires transitive org.junit.jupiter.api;

    exports dev.socketforwarder.testkit;

    // JUnit calls the tests that a contract has.
    opens dev.socketforwarder.testkit;
}
