package dev.socketforwarder.transport.nats;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Tells forwarders apart by a random number, one for each process. */
final class Node {
    /** The id of this process. */
    static final long OWN = new SecureRandom().nextLong();

    private Node() {}

    static String text(long id) {
        return HexFormat.of().toHexDigits(id);
    }
}
