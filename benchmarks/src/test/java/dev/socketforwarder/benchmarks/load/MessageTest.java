package dev.socketforwarder.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessageTest {

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1, 1, 1", "123456789012, 19, 499999", "72057594037927935, 1048575, 68719476735"})
    void whatIsWrittenIsReadAndHasOneLineFeed(long dueNs, int sender, long number) {
        var bytes = ByteBuffer.wrap(Message.blank(40));

        Message.write(bytes, 3, dueNs, sender, number);

        assertThat(Message.isDamaged(bytes, 3)).isFalse();
        assertThat(Message.isDamaged(bytes, 4)).isTrue();
        assertThat(Message.dueNs(bytes, 3)).isEqualTo(dueNs);
        assertThat(Message.sender(bytes, 3)).isEqualTo(sender);
        assertThat(Message.number(bytes, 3)).isEqualTo(number);
        assertThat(bytes.array()).containsOnlyOnce((byte) '\n').endsWith((byte) '\n');
    }
}
