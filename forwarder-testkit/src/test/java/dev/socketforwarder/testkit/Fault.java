package dev.socketforwarder.testkit;

/** Lists the faults of a {@link FaultyTransport}, with the test of the contract that finds each, and the promise that this test quotes. */
enum Fault implements Mutant {
    NONE("", null),
    STARTS_A_THREAD_TO_OPEN("openBindsNothingAndStartsNoThread", Promise.OPEN_IS_CHEAP),
    LEAVES_A_SETTING_UNREAD("openBindsNothingAndStartsNoThread", Promise.SETTINGS_READ),
    HAS_ONE_ENDPOINT("oneTransportServesManyEndpoints", Promise.MANY_ENDPOINTS),
    ACCEPTS_NOBODY("startServesAndTellsWhere", Promise.START_BINDS),
    HAS_NO_ADDRESS("startServesAndTellsWhere", Promise.ADDRESSES),
    LEAKS_WHEN_IT_CANNOT_START("anAddressInUseIsOneLineThatNamesIt", Promise.FAILED_START),
    SAYS_NOTHING("anAddressInUseIsOneLineThatNamesIt", Promise.FAILED_START_SAYS),
    FAILS_TO_STOP("anAddressInUseIsOneLineThatNamesIt", Promise.STOP_AFTER_FAILED_START),
    JOINS_ELSEWHERE("startServesAndTellsWhere", Promise.JOIN_ON_OWNER),
    PUBLISHES_ELSEWHERE("allOthersGetWhatOneSendsAndItselfDoesNot", Promise.MEMBERSHIP_ON_OWNER),
    HAS_TWO_THREADS("theOwnerIsOneThreadAndKeepsTheOrder", Promise.OWNER_IS_ONE_THREAD),
    RUNS_AT_ONCE("theOwnerIsOneThreadAndKeepsTheOrder", Promise.OWNER_RUNS_LATER),
    RUNS_IN_ANY_ORDER("theOwnerIsOneThreadAndKeepsTheOrder", Promise.OWNER_KEEPS_ORDER),
    THROWS("whatOthersDeliverGoesOutAtOnce", Promise.MEMBER_RETURNS),
    BLOCKS("aSlowReaderGetsEverythingAndNobodyWaits", Promise.MEMBER_RETURNS),
    LEAVES_WHEN_PAUSED("aPausedPeerIsNotReadAndLosesNothing", Promise.MEMBER_STAYS),
    DESCRIBES_AT_LENGTH("aMemberIsDescribedInFewPlainCharacters", Promise.DESCRIBED),
    WRITES_ONCE("aSlowReaderGetsEverythingAndNobodyWaits", Promise.DELIVERED),
    FLUSHES_LATER("whatOthersDeliverGoesOutAtOnce", Promise.FLUSHED),
    SWALLOWS("whatOneSendsStaysInOrderAndWhole", Promise.PUBLISHED),
    ECHOES("allOthersGetWhatOneSendsAndItselfDoesNot", Promise.NO_ECHO),
    IGNORES_PAUSE("aPausedPeerIsNotReadAndLosesNothing", Promise.PAUSED),
    IGNORES_RESUME("aPausedPeerIsNotReadAndLosesNothing", Promise.RESUMED),
    IGNORES_CLOSE("aMemberThatIsClosedLeaves", Promise.CLOSED),
    KEEPS_THE_REFUSED("aRefusedJoinCloses", Promise.JOIN_REFUSED),
    TAKES_NO_PLACE("aConnectionTakesAPlace", Promise.PLACES),
    KEEPS_THE_REJECTED("aPeerThatIsRejectedIsClosed", Promise.REJECTED),
    READS_FOR_EVER("anEndlessFirstMessageIsBounded", Promise.FIRST_MESSAGE_BOUNDED),
    LOSES_THE_REST("aFirstMessageMayComeInPiecesAndWithDataBehindIt", Promise.REST_IS_DATA),
    ASKS_NOTHING("aChallengeIsSent", Promise.CHALLENGE_SENT),
    ENDS_AT_A_RESET("aResetCostsThatPeerAlone", Promise.ONE_PEER_ALONE),
    GOES_ON_TO_ACCEPT("nobodyComesInWhileItQuiesces", Promise.QUIESCED),
    READS_NOTHING_AT_THE_END("whatTheKernelHeldBeforeTheStopIsDelivered", Promise.QUIESCED),
    CUTS("theStopFlushesThenEnds", Promise.STOPPED),
    LEAVES_ITS_THREAD("stopLetsGoOfEverything", Promise.STOPPED),
    HIDES_WHAT_IS_LOST("theStopTellsWhatIsLost", Promise.UNSENT),
    COUNTS_NO_BYTES("bytesAndMembersAreCounted", Promise.COUNTED);

    private final Finding finding;

    Fault(String test, Promise promise) {
        this.finding = new Finding(FaultySubject.class, test, promise);
    }

    @Override
    public Finding finding() {
        return finding;
    }
}
