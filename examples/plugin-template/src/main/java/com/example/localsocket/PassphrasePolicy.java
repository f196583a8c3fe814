package com.example.localsocket;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Admits peers that know the passphrase. A first message is {@code PASSPHRASE group}, followed by a line feed. */
public final class PassphrasePolicy implements HandshakePolicy {

    /** Make the policy. {@link java.util.ServiceLoader} calls this constructor. */
    public PassphrasePolicy() {}

    @Override
    public String name() {
        return "localsocket-passphrase";
    }

    @Override
    public Handshake create(Settings settings) {
        var passphrase = settings.secret("localsocket-passphrase").orElse("");
        if (passphrase.isEmpty() || passphrase.contains(" ")) {
            throw settings.invalid("handshake", name(), "used with localsocket-passphrase-file, which names a file that holds one word");
        }
        return new PassphraseHandshake(passphrase.getBytes(StandardCharsets.UTF_8));
    }

    private record PassphraseHandshake(byte[] passphrase) implements Handshake {

        @Override
        public boolean isConfidential() {
            return true; // so that no log shows the bytes of first messages
        }

        @Override
        public Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival) {
            var message = StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
            int end = message.indexOf('\n');
            if (end < 0) {
                return arrival == Arrival.DATAGRAM ? new Declined(Reason.NOT_ADMITTED) : new NeedMore();
            }
            var line = message.substring(0, end);
            int space = line.indexOf(' ');
            var word = line.substring(0, Math.max(0, space)).getBytes(StandardCharsets.UTF_8);
            if (!MessageDigest.isEqual(word, passphrase)) {
                return new Rejected(Reason.NOT_ADMITTED);
            }
            int consumed = 0;
            while (bytes.get(bytes.position() + consumed++) != '\n') {
                // Count all bytes up to the line feed; the bytes after it are data.
            }
            return new Admitted(line.substring(space + 1), consumed);
        }
    }
}
