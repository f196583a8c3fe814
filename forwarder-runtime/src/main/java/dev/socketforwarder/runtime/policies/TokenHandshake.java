package dev.socketforwarder.runtime.policies;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.policies.Tokens.Scope;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.List;

/**
 * Reads a token and the argument after the token. Computation and answer are the same whatever is wrong with a token,
 * so neither tells how close a guess was.
 */
final class TokenHandshake implements Handshake {
    private static final Outcome NEED_MORE = new NeedMore();
    private static final Outcome BAD_TOKEN = new Rejected(Reason.BAD_TOKEN);

    private static final int LONGEST_PART = 512;
    private static final int MOST_DIGITS = 12;
    private static final int SHORTEST_EXPIRY = 10; // true since 2001
    private static final int SIGNATURE_CHARACTERS = 43; // 32 bytes in base64url

    private final Prefix prefix;
    private final int shortestToken;
    private final List<byte[]> sharedDigests;
    private final List<byte[]> signing;
    private final byte[] digestKey;
    private final InstantSource clock;

    /**
     * Make a handshake.
     *
     * @param shared secrets that serve as tokens themselves
     * @param signing secrets that sign tokens
     * @param digestKey random bytes
     */
    TokenHandshake(Prefix prefix, List<byte[]> shared, List<byte[]> signing, byte[] digestKey, InstantSource clock) {
        this.prefix = prefix;
        int shortestShared =
                shared.stream().mapToInt(secret -> secret.length).min().orElse(Integer.MAX_VALUE);
        int shortestSigned = signing.isEmpty() ? Integer.MAX_VALUE : SHORTEST_EXPIRY + 1 + SIGNATURE_CHARACTERS;
        this.shortestToken = Math.min(shortestShared, shortestSigned);
        this.sharedDigests = shared.stream()
                .map(secret -> Tokens.digest(digestKey, ByteBuffer.wrap(secret)))
                .toList();
        this.signing = signing;
        this.digestKey = digestKey;
        this.clock = clock;
    }

    @Override
    public boolean isConfidential() {
        return true;
    }

    @Override
    public int shortestMessage() {
        return prefix.length() + shortestToken + 3; // a colon, one byte and a line feed
    }

    @Override
    public Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival) {
        return prefix.answer(bytes, arrival).orElseGet(() -> behindPrefix(peer, bytes, arrival == Arrival.DATAGRAM));
    }

    private Outcome behindPrefix(Peer peer, ByteBuffer bytes, boolean isDatagram) {
        int start = bytes.position() + prefix.length();
        int feed = indexOf(bytes, '\n', start, bytes.limit());
        if (isDatagram) {
            // The whole datagram is the registration, so a line feed can only be its last byte.
            boolean isLine = feed == bytes.limit() - 1;
            return decide(peer, bytes, start, isLine ? feed : bytes.limit(), true);
        }
        return feed < 0 ? NEED_MORE : decide(peer, bytes, start, feed, false);
    }

    private Outcome decide(Peer peer, ByteBuffer bytes, int start, int feed, boolean isDatagram) {
        int end = feed > start && bytes.get(feed - 1) == '\r' ? feed - 1 : feed;
        int colon = indexOf(bytes, ':', start, end);
        int tokenEnd = colon < 0 ? end : colon;
        int nameStart = Math.min(end, tokenEnd + 1);
        boolean hasForm = colon >= 0 && tokenEnd - start <= LONGEST_PART && end - nameStart <= LONGEST_PART;
        var token = bytes.slice(start, Math.min(LONGEST_PART, tokenEnd - start));
        var argument = bytes.slice(nameStart, Math.min(LONGEST_PART, end - nameStart));
        // A datagram's argument is a port, so its token is for the endpoint.
        var name = isDatagram ? StandardCharsets.UTF_8.encode(peer.endpoint()) : argument;
        // Always evaluate both, hence | and &, which do not skip the second operand.
        boolean isRight = isShared(token) | isSigned(token, isDatagram ? Scope.ENDPOINT : Scope.GROUP, name);
        if (!(isRight & hasForm)) {
            return BAD_TOKEN;
        }
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(argument).toString();
            int consumed = isDatagram ? bytes.remaining() : feed + 1 - bytes.position();
            return text.isEmpty() && !isDatagram ? BAD_TOKEN : new Admitted(text, consumed);
        } catch (CharacterCodingException _) {
            return BAD_TOKEN;
        }
    }

    private boolean isShared(ByteBuffer token) {
        var digest = Tokens.digest(digestKey, token);
        boolean found = false;
        for (var secret : sharedDigests) {
            found |= MessageDigest.isEqual(digest, secret);
        }
        return found;
    }

    private boolean isSigned(ByteBuffer token, Scope scope, ByteBuffer name) {
        long expiry = expiry(token);
        var signature = signature(token);
        boolean found = false;
        for (var secret : signing) {
            found |= MessageDigest.isEqual(Tokens.signature(secret, scope, name, expiry), signature);
        }
        return found & clock.instant().getEpochSecond() < expiry;
    }

    /** {@return the time before the dot; if it is malformed 0, which has always expired} */
    private static long expiry(ByteBuffer token) {
        int dot = indexOf(token, '.', 0, token.limit());
        if (dot < 1 || dot > MOST_DIGITS || token.get(0) == '0') {
            return 0;
        }
        long seconds = 0;
        for (int i = 0; i < dot; i++) {
            int digit = token.get(i) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            seconds = 10 * seconds + digit;
        }
        return seconds;
    }

    /**
     * {@return the bytes after the dot, in the length of a signature; bytes of another length are altered so that they
     * match no signature}
     */
    private static byte[] signature(ByteBuffer token) {
        int start = indexOf(token, '.', 0, token.limit()) + 1;
        int length = token.limit() - start;
        var signature = new byte[SIGNATURE_CHARACTERS];
        token.get(start, signature, 0, Math.min(length, SIGNATURE_CHARACTERS));
        signature[0] = length == SIGNATURE_CHARACTERS ? signature[0] : 0;
        return signature;
    }

    private static int indexOf(ByteBuffer bytes, char wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes.get(i) == wanted) {
                return i;
            }
        }
        return -1;
    }
}
