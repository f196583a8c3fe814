package dev.socketforwarder.runtime.policies;

import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.runtime.text.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The prefix that every first message must begin with.
 *
 * @param wrong the answer to a stream without the prefix; tells what is expected
 * @param wrongDatagram the same for a datagram
 */
record Prefix(byte[] bytes, Optional<Outcome> wrong, Optional<Outcome> wrongDatagram) {
    private static final int LONGEST = 256;
    private static final Optional<Outcome> NEED_MORE = Optional.of(new NeedMore());

    /**
     * Read the prefix from the settings.
     *
     * @param between what a first message has between the prefix and the argument, as a message shows it
     * @throws dev.socketforwarder.api.SettingException if it is invalid
     */
    static Prefix read(Settings settings, String between) {
        var prefix = settings.text("new-client-prefix", PrefixHandshake.DEFAULT_PREFIX);
        var bytes = prefix.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > LONGEST || prefix.chars().anyMatch(Character::isISOControl)) {
            throw settings.invalid(
                    "new-client-prefix", prefix, "1 to " + LONGEST + " bytes of UTF-8 without control characters");
        }
        return of(prefix, between);
    }

    /** {@return this prefix; see {@link #read} on {@code between}} */
    static Prefix of(String prefix, String between) {
        return new Prefix(
                prefix.getBytes(StandardCharsets.UTF_8),
                wrong(Printable.quoted(prefix + between + "<group>") + " and a line feed"),
                wrong(Printable.quoted(prefix + between + "<port>")));
    }

    private static Optional<Outcome> wrong(String expected) {
        return Optional.of(new Declined(Reason.WRONG_PREFIX, "expected " + expected));
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
                return arrival == Arrival.DATAGRAM ? wrongDatagram : wrong;
            }
        }
        if (there == bytes.length) {
            return Optional.empty();
        }
        return arrival == Arrival.DATAGRAM ? wrongDatagram : NEED_MORE;
    }
}
