package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.kit.BindFailure;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests two endpoints at one address. */
@BothPaths
@Timeout(60)
class ReusePortTest {
    private static final int PEERS = 40;

    @Parameter
    private IoPath io;

    private TestSettings settings(int port, int sockets, boolean isShared) {
        return TestServer.settings(io).set("port", port).set("sockets", sockets).set("reuse-port", isShared);
    }

    @ParameterizedTest
    @CsvSource({"1, 127.0.0.1", "2, 127.0.0.1", "1, 0.0.0.0", "2, 0.0.0.0"})
    void oneTakesOverFromTheOther(int sockets, String host) throws IOException {
        var peers = new ArrayList<TestPeer>();
        try (var old = TestServer.start(settings(0, sockets, true).set("host-address", host));
                var fresh = TestServer.start(settings(old.port(), sockets, true).set("host-address", host))) {
            for (int i = 0; i < PEERS; i++) {
                peers.add(fresh.peer());
                peers.getLast().register();
            }
            // The kernel chooses one of the two for each peer.
            TestServer.await(
                    () -> old.count(Counter.MEMBERS) + fresh.count(Counter.MEMBERS) == PEERS,
                    "all peers as members of one or the other");
            old.endpoint.quiesce(TestServer.LIMIT);
            old.endpoint.stop(TestServer.LIMIT);
            fresh.context.saveState(old.context.state());
            fresh.awaitMembers(PEERS);
            peers.getFirst().isNextHeardBy(peers.subList(1, PEERS).toArray(TestPeer[]::new));
        } finally {
            peers.forEach(TestPeer::close);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, true, false", "1, false, true", "1, false, false", "2, true, false", "2, false, false"})
    void bothMustAskForIt(int sockets, boolean isFirst, boolean isSecond) throws IOException {
        try (var first = TestServer.start(settings(0, sockets, isFirst))) {
            assertThatThrownBy(() -> TestServer.start(settings(first.port(), sockets, isSecond))
                            .close())
                    .isInstanceOf(BindFailure.class)
                    .hasMessageContaining("in use");
        }
    }
}
