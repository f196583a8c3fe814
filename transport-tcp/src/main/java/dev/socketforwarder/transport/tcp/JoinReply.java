package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Settings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The line that a member gets when it has joined, before any data: setting {@code join-reply}, none by default. */
final class JoinReply {
    private static final String KEY = "join-reply";
    private static final int LONGEST = 1_024;

    private final ByteBuffer line; // empty: none

    private JoinReply(ByteBuffer line) {
        this.line = line;
    }

    static JoinReply read(Settings settings) {
        var text = settings.text(KEY, "");
        var bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LONGEST || text.chars().anyMatch(Character::isISOControl)) {
            throw settings.invalid(
                    KEY, text, "a text of less than " + LONGEST + " bytes of UTF-8 without control characters");
        }
        return new JoinReply(
                text.isEmpty()
                        ? ByteBuffer.allocate(0)
                        : ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    }

    /** {@return it, in direct memory from 0 to its capacity; empty if there is none} */
    Optional<ByteBuffer> bytes() {
        return line.hasRemaining() ? Optional.of(line) : Optional.empty();
    }
}
