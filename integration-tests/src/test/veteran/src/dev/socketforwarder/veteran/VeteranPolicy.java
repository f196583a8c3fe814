package dev.socketforwarder.veteran;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;

/** A first message {@code VETERAN:group}, and a line feed. */
public final class VeteranPolicy implements HandshakePolicy {

    /** Make the policy; for {@link java.util.ServiceLoader}. */
    public VeteranPolicy() {}

    @Override
    public String name() {
        return "veteran";
    }

    @Override
    public Handshake create(Settings settings) {
        var word = settings.text("veteran-word", "VETERAN:");
        return (peer, bytes, arrival) -> {
            var text = new StringBuilder();
            for (int i = bytes.position(); i < bytes.limit(); i++) {
                text.append((char) bytes.get(i));
            }
            int end = text.indexOf("\n");
            if (end < 0) {
                return new Handshake.NeedMore();
            }
            return text.indexOf(word) == 0
                    ? new Handshake.Admitted(text.substring(word.length(), end), end + 1)
                    : new Handshake.Declined(Reason.WRONG_PREFIX);
        };
    }
}
