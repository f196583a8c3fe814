package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.policies.TokenPolicy;
import dev.socketforwarder.runtime.policies.Tokens;
import dev.socketforwarder.runtime.policies.Tokens.Scope;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;

/** Prints a token that expires, signed with the configured secret. Prints nothing else, so that scripts can use the output. */
public final class TokenCommand {
    private static final Duration LONGEST = Duration.ofDays(3_653);

    /**
     * Holds the options of the command.
     *
     * @param group the value of {@code --group}; empty if not given
     * @param endpoint the value of {@code --endpoint}; empty if not given
     */
    public record Request(String group, String endpoint, String ttl) {}

    private TokenCommand() {}

    public static int run(Inputs inputs, Plugins plugins, Request request, InstantSource clock, PrintStream out) {
        boolean isForGroup = !request.group().isEmpty();
        if (!isForGroup && request.endpoint().isEmpty()) {
            throw new UsageException("name the token's group (--group NAME), or its UDP endpoint (--endpoint NAME)");
        }
        if (isForGroup && !GroupId.isValid(request.group())) {
            throw new UsageException("--group " + Printable.quoted(request.group())
                    + " is not a group name, which has 1 to 256 bytes of UTF-8 and no control characters");
        }
        var ttl = Values.duration(request.ttl())
                .filter(time -> time.toSeconds() >= 1 && time.compareTo(LONGEST) <= 0)
                .orElseThrow(() -> new UsageException("--ttl " + Printable.quoted(request.ttl())
                        + " is not a time from 1s to 87672h, such as 90s, 30m or 1h"));
        var configuration =
                new Configuration(inputs.load(plugins.transports().keySet()).sources());
        requireEndpoint(configuration, request.endpoint());
        var secret = secret(configuration, request.endpoint());
        var scope = isForGroup ? Scope.GROUP : Scope.ENDPOINT;
        var name = isForGroup ? request.group() : request.endpoint();
        out.println(Tokens.make(secret, scope, name, clock.instant().plus(ttl)));
        return ExitCode.OK;
    }

    /** Require an endpoint that exists and asks for tokens, since a token for any other endpoint would be useless. */
    private static void requireEndpoint(Configuration configuration, String endpoint) {
        if (endpoint.isEmpty()) {
            return;
        }
        var names = configuration.endpointNames();
        if (!names.contains(endpoint)) {
            throw new UsageException(
                    "--endpoint " + Printable.quoted(endpoint) + " is not an endpoint of this configuration, which has "
                            + (names.isEmpty() ? "none" : String.join(", ", names)));
        }
        var policies = configuration.endpoint(endpoint).list(Keys.HANDSHAKE, List.of());
        if (!policies.contains(TokenPolicy.NAME)) {
            throw new UsageException("--endpoint " + Printable.quoted(endpoint) + " does not ask for tokens; "
                    + TokenPolicy.NAME + " is missing in " + Keys.ofEndpoint(endpoint, Keys.HANDSHAKE));
        }
    }

    private static byte[] secret(Configuration configuration, String endpoint) {
        var found = new LinkedHashSet<ByteBuffer>();
        if (endpoint.isEmpty()) {
            add(configuration.topLevel(), found);
            configuration.endpointNames().forEach(name -> add(configuration.endpoint(name), found));
        } else {
            add(configuration.endpoint(endpoint), found);
        }
        if (found.isEmpty()) {
            throw new UsageException("there is no secret to sign with: set " + Keys.TOKEN_SIGNING_SECRET
                    + "-file to the name of its file, or " + Keys.variable(Keys.TOKEN_SIGNING_SECRET)
                    + " in the environment");
        }
        if (found.size() > 1) {
            throw new UsageException("the endpoints have different secrets; choose one with --endpoint NAME");
        }
        return found.getFirst().array();
    }

    /** Add the first secret of the setting, which signs. The other secrets of the setting are only accepted. */
    private static void add(Settings settings, LinkedHashSet<ByteBuffer> found) {
        List<byte[]> secrets = TokenPolicy.secrets(settings, Keys.TOKEN_SIGNING_SECRET);
        if (!secrets.isEmpty()) {
            found.add(ByteBuffer.wrap(secrets.getFirst()));
        }
    }
}
