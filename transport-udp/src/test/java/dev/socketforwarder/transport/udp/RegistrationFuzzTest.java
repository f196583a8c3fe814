package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.members.RegistrationCheck;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Compares the reader of registrations with a plain description of them, on random bytes. */
@Timeout(120)
class RegistrationFuzzTest {
    private static final int ROUNDS = 30_000;
    private static final List<String> PIECES = List.of(
            UdpSettings.DEFAULT_PREFIX,
            MemberSettings.DEFAULT_LEAVE_PREFIX,
            "1",
            "65535",
            "65536",
            "0",
            "99999",
            "100000",
            ":",
            "\n",
            "\r\n",
            "\r",
            "\0",
            " ",
            "٣",
            "\u00ff\u00fe",
            "SFCOOKIE:",
            "abcdefghijk",
            "-_-_-_-_-_-",
            "=");

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private RegistrationCheck check;

    /** {@return a text that is a registration, or nearly one, or far from it; each character is one byte} */
    private String text() {
        if (check.lastChallenge() != null && random.nextInt(4) == 0) {
            return PIECES.get(random.nextInt(2)) + check.lastChallenge().to().getPort() + check.lastCookie();
        }
        var text = new StringBuilder();
        if (random.nextInt(10) > 0) {
            text.append(PIECES.get(random.nextInt(2)));
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(
                    random.nextInt(4) == 0
                            ? Integer.toString(random.nextInt(70_000))
                            : PIECES.get(random.nextInt(PIECES.size())));
        }
        if (random.nextBoolean()) {
            text.append(check.lastCookie());
        }
        var latin = new String(text.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        if (latin.isEmpty() || random.nextInt(3) > 0) {
            return latin;
        }
        int at = random.nextInt(latin.length());
        return switch (random.nextInt(3)) {
            case 0 -> latin.substring(0, at);
            case 1 -> latin.substring(0, at) + (char) random.nextInt(256) + latin.substring(at);
            default -> latin.substring(0, at) + (char) random.nextInt(256) + latin.substring(at + 1);
        };
    }

    @Test
    void withoutAChallenge() {
        check = new RegistrationCheck(false);
        run();
        assertThat(check.challenged()).isZero();
    }

    @Test
    void withAChallenge() {
        check = new RegistrationCheck(true);
        run();
        assertThat(check.challenged()).isGreaterThan(100);
    }

    private void run() {
        for (int i = 0; i < ROUNDS; i++) {
            // Few ports, so that cookies sometimes match.
            int sourcePort = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(3);
            try {
                check.receive(text(), sourcePort);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", round " + i, e);
            }
        }
        assertThat(check.joined()).as("seed %d", seed).isGreaterThan(100);
        assertThat(check.count(Reason.LEFT)).as("seed %d", seed).isGreaterThan(10);
        assertThat(check.count(Reason.INTERNAL_ERROR)).as("seed %d", seed).isZero();
    }
}
