package dev.socketforwarder.runtime.policies;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.policies.Tokens.Scope;
import dev.socketforwarder.runtime.testing.FirstMessageCheck;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Fuzz target: the bytes after the prefix where a token is required, as a line and as a datagram. Only a secret, or a
 * signature of that secret for this group and time, may be admitted.
 */
public final class TokenFuzz {
    static final String SHARED = "shared-secret-of-sixteen";
    static final String SIGNING = "signing-secret-of-sixteen";
    static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);

    private static final Pattern SIGNED = Pattern.compile("([1-9][0-9]{0,11})\\.(.*)", Pattern.DOTALL);
    private static final Outcome BAD_TOKEN = new Rejected(Reason.BAD_TOKEN);
    private static final int LONGEST_PART = 512;
    private static final Handshake HANDSHAKE = new TokenHandshake(
            Prefix.of(new String(FirstMessageCheck.PREFIX, StandardCharsets.UTF_8), ""),
            List.of(SHARED.getBytes(UTF_8)),
            List.of(SIGNING.getBytes(UTF_8)),
            new byte[32],
            InstantSource.fixed(NOW));

    private TokenFuzz() {}

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        var text = new String(input, ISO_8859_1);
        var message = behindPrefix(input);
        int feed = text.indexOf('\n');
        int consumed = PrefixHandshake.DEFAULT_PREFIX.length() + feed + 1;
        var line = feed < 0 ? new NeedMore() : expected(withoutReturn(text.substring(0, feed)), Scope.GROUP, consumed);
        var reads = List.of(input.length / 3, input.length / 2, consumed - 1);
        assertThat(outcome(input)).isEqualTo(line);
        assertThat(FirstMessageCheck.inReads(HANDSHAKE, message, reads)).isEqualTo(line);

        // A line feed can only be a datagram's last byte; any other belongs to its text.
        boolean isLine = feed >= 0 && feed == text.length() - 1;
        var whole = isLine ? withoutReturn(text.substring(0, feed)) : withoutReturn(text);
        assertThat(FirstMessageCheck.consider(HANDSHAKE, message, message.length, Arrival.DATAGRAM))
                .isEqualTo(expected(whole, Scope.ENDPOINT, message.length));
    }

    /** {@return the outcome for these bytes behind the prefix, in one read} */
    static Outcome outcome(byte[] rest) {
        return FirstMessageCheck.inReads(HANDSHAKE, behindPrefix(rest), List.of());
    }

    private static byte[] behindPrefix(byte[] rest) {
        return (PrefixHandshake.DEFAULT_PREFIX + new String(rest, ISO_8859_1)).getBytes(ISO_8859_1);
    }

    private static String withoutReturn(String text) {
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private static Outcome expected(String text, Scope scope, int consumed) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            return BAD_TOKEN;
        }
        var token = text.substring(0, colon);
        var argument = text.substring(colon + 1);
        var decoded = new String(argument.getBytes(ISO_8859_1), UTF_8);
        boolean isText = new String(decoded.getBytes(UTF_8), ISO_8859_1).equals(argument);
        boolean isMissing = argument.isEmpty() && scope == Scope.GROUP;
        if (token.length() > LONGEST_PART || argument.length() > LONGEST_PART || !isText || isMissing) {
            return BAD_TOKEN;
        }
        var name = scope == Scope.GROUP ? decoded : "tcp";
        return token.equals(SHARED) || isSigned(token, scope, name) ? new Admitted(decoded, consumed) : BAD_TOKEN;
    }

    private static boolean isSigned(String token, Scope scope, String name) {
        var matcher = SIGNED.matcher(token);
        if (!matcher.matches()) {
            return false;
        }
        var expiry = Instant.ofEpochSecond(Long.parseLong(matcher.group(1)));
        return expiry.isAfter(NOW) && token.equals(Tokens.make(SIGNING.getBytes(UTF_8), scope, name, expiry));
    }
}
