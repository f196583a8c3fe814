package dev.socketforwarder.runtime.policies;

import dev.socketforwarder.runtime.testing.FirstMessageCheck;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Fuzz target: a first message, as a stream in reads and as a datagram. The first byte says how many of the next bytes
 * place the ends of reads. The rest is the message, behind the prefix if the first byte is below 128.
 */
public final class FirstMessageFuzz {
    private FirstMessageFuzz() {}

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        var in = ByteBuffer.wrap(input);
        int control = in.get() & 0xff;
        var ends = ends(in, control % 8);
        int before = control < 128 ? FirstMessageCheck.PREFIX.length : 0;
        var message = new byte[before + in.remaining()];
        System.arraycopy(FirstMessageCheck.PREFIX, 0, message, 0, before);
        in.get(message, before, in.remaining());
        FirstMessageCheck.checkStream(message, ends);
        FirstMessageCheck.checkDatagram(message);
    }

    private static List<Integer> ends(ByteBuffer in, int count) {
        var ends = new ArrayList<Integer>();
        int end = 0;
        for (int i = 0; i < count && in.hasRemaining(); i++) {
            end += in.get() & 0xff;
            ends.add(end);
        }
        return ends;
    }
}
