package dev.socketforwarder.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.buffer.Batch.Form;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class EnvelopeTest {

    @Test
    void everyEnvelopeComesBack() {
        var random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            var envelope = random(random);
            var message = new byte[envelope.bytes() + envelope.count() + random.nextInt(10)];
            envelope.write(message);
            assertThat(Envelope.read(message)).contains(envelope);
        }
    }

    @Test
    void noCutEnvelopeIsRead() {
        var envelope = new Envelope(Form.STREAM, 1, 1, 1, new Trail(List.of(1L, 2L)), "line");
        var message = new byte[envelope.bytes() + 1];
        envelope.write(message);
        for (int length = 0; length < message.length; length++) {
            assertThat(Envelope.read(Arrays.copyOf(message, length))).isEmpty();
        }
    }

    @Test
    void wrongFieldsAreRefused() {
        assertThat(Envelope.read(changed(0, 'X'))).isEmpty();
        assertThat(Envelope.read(changed(2, 2))).as("version").isEmpty();
        assertThat(Envelope.read(changed(3, 2))).as("form").isEmpty();
        assertThat(Envelope.read(changed(8, 0x80))).as("first").isEmpty();
        assertThat(Envelope.read(changed(16, 0x80))).as("count").isEmpty();
        assertThat(Envelope.read(changed(19, 2))).as("more messages than bytes").isEmpty();
        assertThat(Envelope.read(changed(20, 0))).as("no node").isEmpty();
        assertThat(Envelope.read(changed(20, 0xff))).as("more nodes than bytes").isEmpty();
        assertThat(Envelope.read(changed(21, 0xff)))
                .as("a framing longer than the message")
                .isEmpty();
    }

    @Test
    void anyBytesAreSurvived() {
        var random = new Random(8);
        for (int i = 0; i < 100_000; i++) {
            var envelope = random(random);
            var message = new byte[envelope.bytes() + envelope.count()];
            envelope.write(message);
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                message[random.nextInt(message.length)] = (byte) random.nextInt();
            }
            Envelope.read(message).ifPresent(read -> assertThat(read.bytes()).isLessThanOrEqualTo(message.length));
        }
    }

    private static byte[] changed(int at, int value) {
        var envelope = new Envelope(Form.MESSAGES, 1, 1, 1, new Trail(List.of(1L)), "raw");
        var message = new byte[envelope.bytes() + 1];
        envelope.write(message);
        assertThat(Envelope.read(message)).isPresent();
        message[at] = (byte) value;
        return message;
    }

    private static Envelope random(Random random) {
        var nodes = LongStream.generate(random::nextLong)
                .limit(1 + random.nextInt(8))
                .boxed()
                .toList();
        return new Envelope(
                random.nextBoolean() ? Form.STREAM : Form.MESSAGES,
                random.nextInt(),
                1 + random.nextLong(1L << 50),
                1 + random.nextInt(100),
                new Trail(nodes),
                "delimiter " + "0d0a".repeat(random.nextInt(32)));
    }
}
