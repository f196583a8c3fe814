package dev.socketforwarder.transport.udp;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes and checks cookies: 64 bits of an HMAC over an address, its port, and the time, in base64url. So nothing is kept for an
 * address until its cookie comes back. Thread-safe.
 */
final class Cookies {
    static final int LENGTH = 11;

    /** How long one is valid at least; at most a slot longer. */
    static final Duration VALID = Duration.ofSeconds(30);

    private static final long SLOT_NS = Duration.ofSeconds(5).toNanos();
    private static final int SLOTS = (int) (VALID.toNanos() / SLOT_NS);
    // More than the slots that a cookie is valid in, so that two keys are enough.
    private static final int SLOTS_OF_KEY = 24;

    private static final String ALGORITHM = "HmacSHA256";
    private static final int KEY_BYTES = 32;
    private static final int IPV6_BYTES = 16;

    private final SecureRandom random = new SecureRandom();
    private final LongSupplier nanoClock;
    private final long startNs;
    private final byte[] key = new byte[KEY_BYTES];
    private final ByteBuffer text = ByteBuffer.allocate(IPV6_BYTES + Integer.BYTES + Integer.BYTES + Long.BYTES);
    private long generation;
    private Mac current = fresh();
    private Mac previous = fresh();

    Cookies(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.startNs = nanoClock.getAsLong();
    }

    /** {@return the cookie for an address, as it is now} */
    synchronized byte[] of(InetSocketAddress address) {
        return of(address, slot());
    }

    /** {@return whether {@code cookie} was made for this address, not long ago; it takes the same time whatever is wrong} */
    synchronized boolean isValid(InetSocketAddress address, ByteBuffer cookie) {
        var shown = new byte[LENGTH];
        cookie.get(cookie.position(), shown, 0, Math.min(LENGTH, cookie.remaining()));
        boolean found = false;
        long slot = slot();
        for (int age = 0; age <= SLOTS; age++) {
            // No || here: that would end it at the first that fits.
            found |= MessageDigest.isEqual(of(address, slot - age), shown);
        }
        return found;
    }

    private long slot() {
        return Math.floorDiv(nanoClock.getAsLong() - startNs, SLOT_NS);
    }

    private byte[] of(InetSocketAddress address, long slot) {
        var ip = address.getAddress();
        text.clear();
        text.put(ip.getAddress()).position(IPV6_BYTES);
        text.putInt(ip instanceof Inet6Address scoped ? scoped.getScopeId() : -1);
        text.putInt(address.getPort()).putLong(slot).flip();
        var mac = mac(Math.floorDiv(slot, SLOTS_OF_KEY));
        mac.update(text);
        return Base64.getUrlEncoder().withoutPadding().encode(Arrays.copyOf(mac.doFinal(), Long.BYTES));
    }

    /** {@return the key for the time that {@code wished} counts: now's, or the one before} */
    private Mac mac(long wished) {
        if (wished > generation) {
            previous = wished == generation + 1 ? current : fresh();
            current = fresh();
            generation = wished;
        }
        return wished == generation ? current : previous;
    }

    private Mac fresh() {
        try {
            random.nextBytes(key);
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }
}
