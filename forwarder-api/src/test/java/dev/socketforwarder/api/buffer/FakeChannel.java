package dev.socketforwarder.api.buffer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;

/** A channel that takes as many bytes as the test allows, as a socket does, and records them. */
final class FakeChannel implements GatheringByteChannel {
    final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    /** How many more bytes the channel takes. At 0, each write returns 0. */
    long room = Long.MAX_VALUE;

    boolean broken;
    int mostGathered;

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        mostGathered = Math.max(mostGathered, length);
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            int wanted = sources[i].remaining();
            int n = write(sources[i]);
            total += n;
            if (n < wanted) {
                break;
            }
        }
        return total;
    }

    @Override
    public long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        if (broken) {
            throw new IOException("Broken pipe");
        }
        int n = (int) Math.min(source.remaining(), room);
        for (int i = 0; i < n; i++) {
            taken.write(source.get());
        }
        room -= n;
        return n;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
