package dev.socketforwarder.runtime.policies;

import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The prefix that every first message must begin with. */
record Prefix(byte[] bytes) {
    private static final int LONGEST = 256;
    private static final Optional<Outcome> NEED_MORE = Optional.of(new NeedMore());
    private static final Optional<Outcome> WRONG = Optional.of(new Declined(Reason.WRONG_PREFIX));

    /**
     * Read the prefix from the settings.
     *
     * @throws dev.socketforwarder.api.SettingException if it is invalid
     */
    static Prefix read(Settings settings) {
        var prefix = settings.text("new-client-prefix", PrefixHandshake.DEFAULT_PREFIX);
        var bytes = prefix.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > LONGEST || prefix.chars().anyMatch(Character::isISOControl)) {
            throw settings.invalid(
                    "new-client-prefix", prefix, "1 to " + LONGEST + " bytes of UTF-8 without control characters");
        }
        return new Prefix(bytes);
    }

    int length() {
        return bytes.length;
    }

    /**
     * {@return the answer to a message that lacks the prefix or part of it; nothing if the message begins with the
     * prefix}
     */
    Optional<Outcome> answer(ByteBuffer message, Arrival arrival) {
        int there = Math.min(bytes.length, message.remaining());
        for (int i = 0; i < there; i++) {
            if (message.get(message.position() + i) != bytes[i]) {
                return WRONG;
            }
        }
        if (there == bytes.length) {
            return Optional.empty();
        }
        return arrival == Arrival.DATAGRAM ? WRONG : NEED_MORE;
    }
}
