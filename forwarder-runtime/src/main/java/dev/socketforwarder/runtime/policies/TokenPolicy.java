package dev.socketforwarder.runtime.policies;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.text.Printable;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The policy {@code token}: expects a first message {@code <new-client-prefix><token>:<argument>}, ended by a line feed
 * on a stream. The token is a secret that all clients share, or a signed token from {@code socketforwarder token}.
 */
public final class TokenPolicy implements HandshakePolicy {
    public static final String NAME = "token";

    private static final int SHORTEST = 16;
    private static final int LONGEST = 256;
    private static final int DIGEST_KEY_BYTES = 32;

    private final InstantSource clock;

    /** Make the policy; for {@link java.util.ServiceLoader}. */
    public TokenPolicy() {
        this(InstantSource.system());
    }

    TokenPolicy(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Handshake create(Settings settings) {
        var prefix = Prefix.read(settings, "<token>:");
        var shared = secrets(settings, Keys.TOKEN_SECRET);
        var signing = secrets(settings, Keys.TOKEN_SIGNING_SECRET);
        if (shared.isEmpty() && signing.isEmpty()) {
            throw settings.invalid(
                    "handshake",
                    name(),
                    "accompanied by a secret: set " + Keys.TOKEN_SECRET + "-file or " + Keys.TOKEN_SIGNING_SECRET
                            + "-file to the name of its file, or " + Keys.TOKEN_SECRET + " or "
                            + Keys.TOKEN_SIGNING_SECRET + " in the environment");
        }
        var digestKey = new byte[DIGEST_KEY_BYTES];
        new SecureRandom().nextBytes(digestKey);
        return new TokenHandshake(prefix, shared, signing, digestKey, clock);
    }

    /**
     * {@return the secrets under a key, one per line, so that a new secret can be added before the old one is removed}
     */
    public static List<byte[]> secrets(Settings settings, String key) {
        var lines = settings.secret(key).stream().flatMap(String::lines).toList();
        var secrets = new ArrayList<byte[]>();
        for (int i = 0; i < lines.size(); i++) {
            var secret = lines.get(i).getBytes(StandardCharsets.UTF_8);
            boolean isOdd = lines.get(i).chars().anyMatch(c -> c == ':' || Character.isISOControl(c));
            if (secret.length > 0) {
                if (secret.length < SHORTEST || secret.length > LONGEST || isOdd) {
                    throw wrong(
                            settings, key, i + 1, isOdd ? "a colon or a control character" : secret.length + " bytes");
                }
                secrets.add(secret);
            }
        }
        if (secrets.isEmpty() && settings.secret(key).isPresent()) {
            throw settings.invalid(key, "", "a secret: its file is empty");
        }
        return secrets;
    }

    /** {@return what is wrong with a line, at the place of that line if the secrets stand in a file} */
    private static SettingException wrong(Settings settings, String key, int line, String has) {
        var wrong = settings.invalid(
                key,
                "",
                "one or several lines of " + SHORTEST + " to " + LONGEST
                        + " bytes without colons and control characters");
        var file = settings.text(key + Keys.SECRET_FILE, "");
        return file.isEmpty()
                ? wrong
                : new SettingException(
                        Printable.line(file) + ":" + line + ": this line has " + has + "; " + wrong.getMessage());
    }
}
