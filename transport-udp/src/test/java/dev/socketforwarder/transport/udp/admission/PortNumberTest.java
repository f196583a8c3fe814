package dev.socketforwarder.transport.udp.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tests which texts are ports. */
class PortNumberTest {

    @Test
    void everyPortIsReadAndNothingBeyond() {
        for (int n = -10; n < 110_000; n++) {
            var port = PortNumber.parse("" + n);
            assertThat(port.isPresent()).as("%d", n).isEqualTo(n >= 1 && n <= 65_535);
            if (port.isPresent()) {
                assertThat(port.getAsInt()).isEqualTo(n);
            }
        }
    }

    @Test
    void whateverComesIsAPortIfAndOnlyIfItIsOneToFiveDigitsInRange() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        var alphabet = "0123456789012345678901234567896553-+ .xe\n\r\0٣१０\ud835";
        for (int i = 0; i < 50_000; i++) {
            var text = new StringBuilder();
            for (int k = random.nextInt(8); k > 0; k--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            boolean expected = text.toString().matches("[0-9]{1,5}")
                    && Integer.parseInt(text.toString()) >= 1
                    && Integer.parseInt(text.toString()) <= 65_535;
            assertThat(PortNumber.parse(text.toString()).isPresent())
                    .as("seed %d, \"%s\"", seed, text)
                    .isEqualTo(expected);
        }
    }
}
