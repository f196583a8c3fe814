package dev.socketforwarder.benchmarks.load;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;

/** One socket of ours. Nothing here blocks. */
interface Link extends Closeable {

    SelectableChannel channel();

    /** {@return how many bytes were read; 0: there are none now, -1: there will be no more} */
    int read(ByteBuffer into) throws IOException;

    /** {@return whether all was taken; else this is to be called again with what remains, if only nothing} */
    boolean write(ByteBuffer from) throws IOException;

    @Override
    default void close() throws IOException {
        channel().close();
    }

    /** A TCP connection. */
    record Plain(SocketChannel channel) implements Link {
        @Override
        public int read(ByteBuffer into) throws IOException {
            return channel.read(into);
        }

        @Override
        public boolean write(ByteBuffer from) throws IOException {
            channel.write(from);
            return !from.hasRemaining();
        }
    }

    /**
     * A UDP socket connected to the server.
     *
     * @param length of each datagram that is written
     */
    record Datagrams(DatagramChannel channel, int length) implements Link {
        private static final int MOST_IN_A_READ = 64;
        private static final int LARGEST = 65_507;

        /** Reads as many datagrams as are there, within a bound. */
        @Override
        public int read(ByteBuffer into) throws IOException {
            int start = into.position();
            int n = 1;
            for (int i = 0; i < MOST_IN_A_READ && n > 0 && into.remaining() >= LARGEST; i++) {
                n = channel.read(into);
            }
            return into.position() - start;
        }

        @Override
        public boolean write(ByteBuffer from) throws IOException {
            int end = from.limit();
            int written = 1;
            while (from.position() < end && written > 0) {
                from.limit(Math.min(end, from.position() + length));
                written = channel.write(from);
            }
            from.limit(end);
            return !from.hasRemaining();
        }
    }
}
