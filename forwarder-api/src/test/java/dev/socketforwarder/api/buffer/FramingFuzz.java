package dev.socketforwarder.api.buffer;

import dev.socketforwarder.api.buffer.FramingCheck.Kind;
import dev.socketforwarder.api.buffer.FramingCheck.Piece;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;

/**
 * A target of the fuzzer: a stream that arrives in pieces, in one of the framings. The first input byte chooses the framing, and
 * the second the largest message. After that, one byte precedes each piece. This byte says how many of the next bytes form the
 * piece, or how many times 2 KiB of filler, and whether the unfinished message is given up after the piece.
 */
public final class FramingFuzz {
    private static final int[] LARGEST = {0, 1, 7, 64, 1_000, 65_536, 200_000, Integer.MAX_VALUE};
    private static final int GIVE_UP = 0x80;
    private static final int LONG = 0x40;
    private static final int COUNT = 0x3f;
    private static final int MOST_BYTES = 300_000;

    private FramingFuzz() {}

    /** Run one input. The fuzzer calls this method. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2) {
            return;
        }
        var kind = Kind.values()[(input[0] & 0xff) % Kind.values().length];
        int largest = LARGEST[(input[1] & 0xff) % LARGEST.length];
        var in = ByteBuffer.wrap(input, 2, input.length - 2);
        var pieces = new ArrayList<Piece>();
        for (int bytes = 0; in.hasRemaining() && bytes < MOST_BYTES; ) {
            var piece = piece(in);
            pieces.add(piece);
            bytes += piece.bytes().length;
        }
        FramingCheck.check(kind, largest, pieces);
    }

    private static Piece piece(ByteBuffer in) {
        int control = in.get();
        boolean giveUp = (control & GIVE_UP) != 0;
        int count = control & COUNT;
        if ((control & LONG) != 0) {
            var many = new byte[Math.min(2_047 * count + 1, FramingCheck.LARGEST_PIECE)];
            Arrays.fill(many, (byte) 'x');
            return new Piece(many, giveUp);
        }
        var bytes = new byte[Math.min(count, in.remaining())];
        in.get(bytes);
        return new Piece(bytes, giveUp);
    }
}
