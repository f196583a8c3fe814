package dev.socketforwarder.transport.udp.settings;

import dev.socketforwarder.api.buffer.Batch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * Recognises texts between a forwarder and its members: cookies and registrations. No such text may go to another
 * forwarder. That forwarder would pass on a cookie, and whoever got the cookie could register the forwarder's address.
 * A registration that a forwarder passed on would register that forwarder. Thread-safe.
 */
public final class ControlTexts {
    /** The beginning of a text that carries a cookie. */
    public static final byte[] COOKIE_PREFIX = "SFCOOKIE:".getBytes(StandardCharsets.US_ASCII);

    private final byte[][] prefixes;

    /** Make the texts of an endpoint: its own, and those of forwarders with the default prefixes. */
    public ControlTexts(UdpSettings settings) {
        prefixes = Stream.of(
                        UdpSettings.DEFAULT_PREFIX,
                        MemberSettings.DEFAULT_LEAVE_PREFIX,
                        settings.prefix(),
                        settings.members().leavePrefix())
                .distinct()
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
    }

    private boolean contain(ByteBuffer bytes, int start, int length) {
        return areRegistration(bytes, start, length) || isCookie(bytes, start, length);
    }

    /** {@return whether the bytes from {@code start} on make or end a registration} */
    public boolean areRegistration(ByteBuffer bytes, int start, int length) {
        for (var prefix : prefixes) {
            if (startsWith(bytes, start, length, prefix)) {
                return true;
            }
        }
        return false;
    }

    /** {@return {@code batch} without such texts; the same batch if it has none} */
    public Batch without(Batch batch) {
        var bytes = batch.block().bytes();
        int i = 0;
        while (i < batch.count() && !contain(bytes, batch.offset(i), batch.length(i))) {
            i++;
        }
        if (i == batch.count()) {
            return batch;
        }
        var rest = new Batch(batch.block(), batch.form()).origin(batch.origin());
        for (int k = 0; k < batch.count(); k++) {
            if (k < i || !contain(bytes, batch.offset(k), batch.length(k))) {
                rest.add(batch.offset(k), batch.length(k));
            }
        }
        return rest;
    }

    public static boolean startsWith(ByteBuffer bytes, int start, int length, byte[] prefix) {
        if (length < prefix.length) {
            return false;
        }
        for (int k = 0; k < prefix.length; k++) {
            if (bytes.get(start + k) != prefix[k]) {
                return false;
            }
        }
        return true;
    }

    /** {@return whether the bytes from {@code start} on are a cookie from any forwarder} */
    public static boolean isCookie(ByteBuffer bytes, int start, int length) {
        if (length != MemberSettings.CHALLENGE_BYTES || !startsWith(bytes, start, length, COOKIE_PREFIX)) {
            return false;
        }
        for (int i = COOKIE_PREFIX.length; i < MemberSettings.CHALLENGE_BYTES; i++) {
            if (!isBase64Url(bytes.get(start + i))) {
                return false;
            }
        }
        return true;
    }

    public static boolean isBase64Url(byte c) {
        return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }
}
