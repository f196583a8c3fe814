package dev.socketforwarder.runtime.policies;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.socketforwarder.runtime.testing.FirstMessageCheck;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The first message, whatever it holds and wherever its reads end. */
class FirstMessagePropertyTest {

    /** Mostly the prefix, then text and what is none, line ends, and data. */
    @Provide
    Arbitrary<byte[]> stream() {
        var prefix = Arbitraries.integers().between(0, 4 * FirstMessageCheck.PREFIX.length);
        var parts = Arbitraries.oneOf(
                Arbitraries.of("a", "\n", "\r", "\r\n", "é", "€", "\ud83d\ude00", "\0", ":")
                        .map(text -> text.getBytes(UTF_8)),
                Arbitraries.bytes().array(byte[].class).ofSize(1));
        return Combinators.combine(prefix, parts.list().ofMaxSize(8)).as((length, rest) -> {
            var out = new ByteArrayOutputStream();
            out.write(FirstMessageCheck.PREFIX, 0, Math.min(length, FirstMessageCheck.PREFIX.length));
            rest.forEach(out::writeBytes);
            return out.toByteArray();
        });
    }

    @Property(tries = 200) // each of some hundred splits
    void everySplitInTwoAndInThreeIsTheSame(@ForAll("stream") byte[] stream) {
        for (int a = 0; a <= stream.length; a++) {
            for (int b = a; b <= stream.length; b++) {
                FirstMessageCheck.checkStream(stream, List.of(a, b));
            }
        }
        FirstMessageCheck.checkStream(
                stream, IntStream.rangeClosed(1, stream.length).boxed().toList());
    }

    @Property
    void readsOfAnySizesAreTheSame(
            @ForAll("stream") byte[] stream, @ForAll @Size(max = 12) List<@IntRange(max = 40) Integer> ends) {
        FirstMessageCheck.checkStream(stream, ends.stream().sorted().toList());
    }

    @Property
    void aDatagramIsWhole(@ForAll("stream") byte[] datagram) {
        FirstMessageCheck.checkDatagram(datagram);
    }
}
