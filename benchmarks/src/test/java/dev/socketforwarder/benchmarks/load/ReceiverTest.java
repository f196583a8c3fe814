package dev.socketforwarder.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiverTest {
    private static final int SIZE = 40;

    private final Histogram latencyNs = new Histogram(3);

    /** Gives some bytes, so many at a time. */
    private static final class Given implements Link {
        private final ByteBuffer bytes;
        private final int most;

        Given(byte[] bytes, int most) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.most = most;
        }

        @Override
        public SelectableChannel channel() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(ByteBuffer into) {
            int length = Math.min(most, bytes.remaining());
            into.put(bytes.slice(bytes.position(), length));
            bytes.position(bytes.position() + length);
            return length;
        }

        @Override
        public boolean write(ByteBuffer from) {
            throw new UnsupportedOperationException();
        }
    }

    private Receiver receiver(Protocol protocol, byte[] stream, int piece) throws IOException {
        var link = new Given(stream, piece);
        var receiver = new Receiver(link, protocol, protocol.wire("g", SIZE), 2, -1, latencyNs);
        receiver.begin();
        var shared = ByteBuffer.allocate(4096);
        while (link.bytes.hasRemaining()) {
            receiver.onReadable(shared);
        }
        return receiver;
    }

    private static byte[] message(Protocol protocol, int sender, long number) {
        var bytes = Message.blank(SIZE);
        Message.write(ByteBuffer.wrap(bytes), 0, Message.now(), sender, number);
        var before = switch (protocol) {
            case FORWARDER, PATHS, NCAT -> "";
            case NATS -> "MSG g 1 40\r\n";
            case REDIS -> "*3\r\n$7\r\nmessage\r\n$1\r\ng\r\n$40\r\n";
        };
        var all = new ByteArrayOutputStream();
        all.writeBytes(Protocol.bytes(before));
        all.writeBytes(bytes);
        all.writeBytes(protocol.wire("g", SIZE).after());
        return all.toByteArray();
    }

    private static byte[] messages(Protocol protocol, long... numbers) {
        var all = new ByteArrayOutputStream();
        for (long number : numbers) {
            all.writeBytes(message(protocol, 0, number));
        }
        return all.toByteArray();
    }

    @ParameterizedTest
    @EnumSource
    void allMessagesAreFoundHoweverTheyAreCut(Protocol protocol) throws IOException {
        var stream = new ByteArrayOutputStream();
        stream.writeBytes(messages(protocol, 0, 1));
        stream.writeBytes(message(protocol, 1, 0));
        stream.writeBytes(Protocol.bytes(protocol == Protocol.NATS ? "PING\r\n" : ""));
        stream.writeBytes(messages(protocol, 2, 3));
        for (int piece = 1; piece <= stream.size(); piece++) {
            var receiver = receiver(protocol, stream.toByteArray(), piece);
            assertThat(receiver.delivered()).as("in pieces of %d", piece).isEqualTo(5);
            assertThat(receiver.lost() + receiver.disordered() + receiver.damaged())
                    .isZero();
        }
        assertThat(latencyNs.getTotalCount()).isEqualTo(5L * stream.size());
    }

    @Test
    void lostMessagesAreCounted() throws IOException {
        var receiver = receiver(Protocol.FORWARDER, messages(Protocol.FORWARDER, 0, 3, 4), 4096);

        assertThat(receiver.delivered()).isEqualTo(3);
        assertThat(receiver.lost()).isEqualTo(2);

        receiver.giveUp(0, 10);
        receiver.giveUp(1, 1);
        assertThat(receiver.lost()).isEqualTo(8);
    }

    @Test
    void messagesOutOfOrderAreCounted() throws IOException {
        var receiver = receiver(Protocol.FORWARDER, messages(Protocol.FORWARDER, 0, 2, 1, 3), 4096);

        assertThat(receiver.delivered()).isEqualTo(4);
        assertThat(receiver.lost()).isZero();
        assertThat(receiver.disordered()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 39})
    void damagedMessagesAreCountedAndTheNextOnesFound(int missing) throws IOException {
        var whole = messages(Protocol.FORWARDER, 0, 1, 2);
        var cut = new byte[whole.length - missing];
        System.arraycopy(whole, missing, cut, 0, cut.length);

        var receiver = receiver(Protocol.FORWARDER, cut, 7);

        assertThat(receiver.damaged()).isEqualTo(1);
        assertThat(receiver.lost()).isEqualTo(1);
        assertThat(receiver.delivered()).isEqualTo(2);
    }
}
