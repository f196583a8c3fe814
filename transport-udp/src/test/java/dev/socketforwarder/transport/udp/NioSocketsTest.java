package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Block;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class NioSocketsTest {
    private final TestContext context = new TestContext("udp", TestServer.settings(), TestServer.groups());
    private final Tally tally = new Tally(context);
    private Sockets sockets;
    private TestPeer peer;

    @BeforeEach
    void bind() throws IOException {
        sockets = NioSockets.bind("udp", UdpSettings.read(context.settings()), Set::of, tally);
        peer = new TestPeer(sockets.localAddresses().getFirst());
    }

    @AfterEach
    void close() {
        peer.close();
        sockets.close();
    }

    @Test
    void aSendThatFailsCostsThatDatagramForThatMemberAlone() throws IOException {
        // Nobody can be sent to at port 0.
        var bad = sockets.destination(0, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        var good = sockets.destination(0, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), peer.port()));
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
        var intake = sockets.newIntake(1000);
        sockets.await();
        assertThat(sockets.isReadable(0)).isTrue();
        sockets.receive(0, intake);
        assertThat(intake.count()).isEqualTo(Intake.MAX_DATAGRAMS);
        assertThat(intake.startsWith(63, new byte[] {'6', '3'})).isTrue();
        intake.clear();
        sockets.receive(0, intake);
        assertThat(intake.count()).isEqualTo(10);
        assertThat(intake.source(9).getPort()).isEqualTo(peer.port());
    }

    @Test
    void aWakeupBeforeTheWaitEndsIt() throws IOException {
        sockets.wakeup();
        sockets.await();

        assertThat(sockets.isReadable(0)).isFalse();
    }

    @Test
    void theWaitForAFullBufferIsBoundedForTheWholeTurn() throws IOException {
        var pipe = Pipe.open();
        var writeWait = new WriteWait();
        try (var source = pipe.source();
                var sink = pipe.sink()) {
            sink.configureBlocking(false);
            assertThat(writeWait.await(sink)).isTrue();
            while (sink.write(ByteBuffer.allocate(4096)) > 0) {}
            assertThat(writeWait.await(sink)).isFalse();
            long startNs = System.nanoTime();
            assertThat(writeWait.await(sink)).isFalse();
            assertThat(System.nanoTime() - startNs).isLessThan(10_000_000);

            writeWait.newTurn();
            source.read(ByteBuffer.allocate(65_536));
            assertThat(writeWait.await(sink)).isTrue();
        } finally {
            writeWait.close();
        }
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
