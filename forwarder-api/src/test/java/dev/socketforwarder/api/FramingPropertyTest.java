package dev.socketforwarder.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.FramingCheck.Kind;
import dev.socketforwarder.api.FramingCheck.Piece;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Framing, whatever the messages and wherever the reads cut them. */
class FramingPropertyTest {

    /** Few different bytes, so that delimiters and what begins like them are everywhere. */
    @Provide
    Arbitrary<byte[]> message() {
        var dense = Arbitraries.of((byte) 'a', (byte) 'b', (byte) '|', (byte) '\r', (byte) '\n', (byte) 0);
        var small = dense.array(byte[].class).ofMaxSize(12);
        var large = Arbitraries.integers().between(0, 100_000).map(length -> filled(length, (byte) 'a'));
        return Arbitraries.frequencyOf(Tuple.of(30, small), Tuple.of(1, large));
    }

    @Provide
    Arbitrary<List<byte[]>> messages() {
        return message().list().ofMaxSize(12);
    }

    private static byte[] filled(int length, byte with) {
        var bytes = new byte[length];
        Arrays.fill(bytes, with);
        return bytes;
    }

    /** Any bytes: of frames too short or too long, of nothing. */
    @Property
    void anyStreamComesOutWholeMessageByMessage(
            @ForAll Kind kind,
            @ForAll @IntRange(max = 20) int largest,
            @ForAll("message") byte[] stream,
            @ForAll @Size(max = 10) List<@IntRange(max = 12) Integer> cuts,
            @ForAll @Size(max = 10) List<Boolean> giveUps) {
        FramingCheck.check(kind, largest, pieces(stream, cuts, giveUps));
    }

    @Property
    void messagesInFramesComeOutAsTheyWereWhereverTheyAreCut(
            @ForAll Kind kind,
            @ForAll("messages") List<byte[]> messages,
            @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 70_000) Integer> cuts) {
        var stream = new ByteArrayOutputStream();
        for (var message : messages) {
            if (fits(kind, message)) {
                stream.writeBytes(kind.framed(message));
            }
        }
        FramingCheck.check(kind, Integer.MAX_VALUE, pieces(stream.toByteArray(), cuts, List.of()));
    }

    /** Each split of a short stream in two, and in single bytes. */
    @Property(tries = 200)
    void everySplitIsTheSame(@ForAll Kind kind, @ForAll("messages") List<byte[]> messages) {
        var out = new ByteArrayOutputStream();
        for (var message : messages) {
            if (message.length <= 12) {
                out.writeBytes(kind.framed(message));
            }
        }
        var stream = out.toByteArray();
        for (int cut = 0; cut <= stream.length; cut++) {
            FramingCheck.check(kind, 12, pieces(stream, List.of(cut), List.of()));
        }
        var single = Collections.nCopies(stream.length, 1);
        FramingCheck.check(kind, 12, pieces(stream, single, List.of()));
    }

    /** What has a frame is one message for who takes the frame off again; what cannot be so is told. */
    @Property
    void aFrameFitsExactlyWhatComesOutOfItAlone(@ForAll Kind kind, @ForAll("message") byte[] message) {
        var padded = ByteBuffer.allocateDirect(message.length + 3).put(3, message);
        assertThat(kind.framing.fits(padded, 3, message.length)).isEqualTo(fits(kind, message));
    }

    private static boolean fits(Kind kind, byte[] message) {
        if (kind.header() > 0) {
            return message.length < 1L << 8 * kind.header();
        }
        var framed = new String(kind.framed(message), ISO_8859_1);
        var delimiter = new String(kind.delimiter, ISO_8859_1);
        return framed.indexOf(delimiter) == message.length;
    }

    /** The stream in pieces of these sizes, and what is left. */
    private static List<Piece> pieces(byte[] stream, List<Integer> sizes, List<Boolean> giveUps) {
        var pieces = new ArrayList<Piece>();
        int at = 0;
        for (int i = 0; at < stream.length; i++) {
            int most = Math.min(stream.length - at, FramingCheck.LARGEST_PIECE);
            int n = i < sizes.size() ? Math.min(sizes.get(i), most) : most;
            pieces.add(new Piece(Arrays.copyOfRange(stream, at, at + n), i < giveUps.size() && giveUps.get(i)));
            at += n;
        }
        return pieces;
    }
}
