package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.transport.udp.io.Destination;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;

/** Tests the sockets of an endpoint. */
@BothPaths
@Timeout(60)
class SocketsTest {
    @Parameter
    private IoPath io;

    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private TestContext context;
    private Tally tally;
    private Sockets sockets;
    private TestPeer peer;

    @BeforeEach
    void bind() throws IOException {
        context = new TestContext("udp", TestServer.settings(io), TestServer.groups());
        tally = new Tally(context);
        sockets = IoChoice.open(context, UdpSettings.read(context.settings()), Set::of, List.of(tally))
                .getFirst();
        peer = new TestPeer(sockets.localAddresses().getFirst());
    }

    @AfterEach
    void close() {
        peer.close();
        sockets.close();
    }

    @Test
    void aSendThatFailsCostsThatDatagramForThatMemberAlone() throws IOException {
        // Nothing can be sent to port 0.
        var bad = destination(0);
        var good = destination(peer.port());
        var batch = batch(3, 0, 5);
        bad.send(batch);
        good.send(batch);
        bad.send(batch);
        sockets.flush();
        tally.flush();

        assertThat(peer.receive()).hasSize(3);
        assertThat(peer.receive()).isEmpty();
        assertThat(peer.receive()).hasSize(5);
        assertThat(context.counters().get(Reason.SEND_FAILED)).isEqualTo(6);
        assertThat(context.counters().get(Counter.WRITES)).isEqualTo(3);
        assertThat(context.counters().get(Counter.BYTES_OUT)).isEqualTo(8);
    }

    @Test
    void aTurnTakesAsManyAsTheIntakeHolds() throws IOException {
        int more = Intake.MAX_DATAGRAMS + 10;
        for (int i = 0; i < more; i++) {
            peer.send("" + i);
        }
        var intake = sockets.intake();
        sockets.await(-1);
        assertThat(sockets.isReadable(0)).isTrue();
        sockets.receive(0);
        assertThat(intake.count()).isEqualTo(Intake.MAX_DATAGRAMS);
        assertThat(intake.startsWith(63, new byte[] {'6', '3'})).isTrue();
        intake.clear();
        sockets.receive(0);
        assertThat(intake.count()).isEqualTo(10);
        assertThat(intake.source(9).getPort()).isEqualTo(peer.port());
    }

    @Test
    void aWakeupBeforeTheWaitEndsIt() throws IOException {
        sockets.wakeup();
        sockets.await(-1);

        assertThat(sockets.isReadable(0)).isFalse();
    }

    @Test
    void aBatchOfAnotherBlockIsSentAtOnceHoweverLongItIs() throws IOException {
        var lengths = new int[3 * Intake.MAX_DATAGRAMS + 1];
        Arrays.setAll(lengths, i -> i / 10 % 4);
        destination(peer.port()).send(batch(lengths));

        for (int length : lengths) {
            assertThat(peer.receive()).hasSize(length);
        }
    }

    private Destination destination(int port) {
        return sockets.destination(0, LOOPBACK, new InetSocketAddress(LOOPBACK, port));
    }

    private static Batch batch(int... lengths) {
        var batch = new Batch(Block.borrowed(ByteBuffer.allocateDirect(1000)));
        int offset = 0;
        for (int length : lengths) {
            batch.add(offset, length);
            offset += length;
        }
        return batch;
    }
}
