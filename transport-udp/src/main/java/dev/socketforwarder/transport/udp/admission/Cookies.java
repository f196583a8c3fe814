package dev.socketforwarder.transport.udp.admission;

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
 * Makes and checks cookies: 64 bits of an HMAC over address, port and time, in base64url. So the forwarder keeps
 * nothing for an address until the address returns its cookie. Thread-safe; checking a cookie takes no lock.
 */
public final class Cookies {
    static final int LENGTH = 11;

    /** How long a cookie is valid at least; at most it is twice as long. */
    static final Duration VALID = Duration.ofSeconds(30);

    // Equal to the validity, so that a check takes two computations: for this slot and the one before.
    private static final long SLOT_NS = VALID.toNanos();
    // More than the slots in which a cookie is valid, so that two keys suffice.
    private static final int SLOTS_OF_KEY = 4;

    private static final String ALGORITHM = "HmacSHA256";
    private static final int KEY_BYTES = 32;
    private static final int IPV6_BYTES = 16;

    private final SecureRandom random = new SecureRandom();
    private final LongSupplier nanoClock;
    private final long startNs;
    private volatile Keys keys = new Keys(0, fresh(), fresh());

    /**
     * The present key and the one before. Neither is ever updated; computations use clones, so reading needs no lock.
     */
    private record Keys(long generation, Mac current, Mac previous) {}

    public Cookies(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.startNs = nanoClock.getAsLong();
    }

    /** {@return the present cookie of an address} */
    byte[] of(InetSocketAddress address) {
        return of(address, slot());
    }

    /** {@return whether {@code cookie} was made for this address recently; the check always takes the same time} */
    boolean isValid(InetSocketAddress address, ByteBuffer cookie) {
        var shown = new byte[LENGTH];
        cookie.get(cookie.position(), shown, 0, Math.min(LENGTH, cookie.remaining()));
        long slot = slot();
        // | instead of ||, which would skip the second comparison.
        return MessageDigest.isEqual(of(address, slot), shown) | MessageDigest.isEqual(of(address, slot - 1), shown);
    }

    private long slot() {
        return Math.floorDiv(nanoClock.getAsLong() - startNs, SLOT_NS);
    }

    private byte[] of(InetSocketAddress address, long slot) {
        var ip = address.getAddress();
        var text = ByteBuffer.allocate(IPV6_BYTES + Integer.BYTES + Integer.BYTES + Long.BYTES);
        text.put(ip.getAddress()).position(IPV6_BYTES);
        text.putInt(ip instanceof Inet6Address scoped ? scoped.getScopeId() : -1);
        text.putInt(address.getPort()).putLong(slot).flip();
        var mac = mac(Math.floorDiv(slot, SLOTS_OF_KEY));
        mac.update(text);
        return Base64.getUrlEncoder().withoutPadding().encode(Arrays.copyOf(mac.doFinal(), Long.BYTES));
    }

    /** {@return the key of the generation {@code wished}, the present one or the one before} */
    private Mac mac(long wished) {
        var now = wished > keys.generation() ? rotated(wished) : keys;
        var mac = wished == now.generation() ? now.current() : now.previous();
        try {
            return (Mac) mac.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("every Java can clone " + ALGORITHM, e);
        }
    }

    private synchronized Keys rotated(long wished) {
        var now = keys;
        if (wished > now.generation()) {
            var previous = wished == now.generation() + 1 ? now.current() : fresh();
            now = new Keys(wished, fresh(), previous);
            keys = now;
        }
        return now;
    }

    private Mac fresh() {
        var key = new byte[KEY_BYTES];
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
