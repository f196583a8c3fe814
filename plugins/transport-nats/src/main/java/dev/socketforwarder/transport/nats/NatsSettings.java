package dev.socketforwarder.transport.nats;

import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.Glob;
import io.nats.client.AuthHandler;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/**
 * The settings of one endpoint, all checked.
 *
 * @param servers addresses of servers, such as {@code nats://10.0.0.1:4222}
 * @param groups which groups are shared
 * @param subjects the subjects of groups
 * @param name what operators see of this process: as the client's name on the servers, and in lists of members
 * @param queueSize how many bytes may wait to be sent
 * @param presence whether to tell other forwarders how many members each group has
 * @param tls makes the TLS sockets; empty without TLS
 * @param login how the forwarder proves who it is
 */
record NatsSettings(
        List<URI> servers,
        List<Glob> groups,
        Subjects subjects,
        String name,
        long queueSize,
        boolean presence,
        Optional<SSLContext> tls,
        Login login) {

    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9_-]{1,64}(\\.[A-Za-z0-9_-]{1,64}){0,3}");
    /** What a forwarder's name may be, which other forwarders show to their operators. */
    static final Pattern NAME = Pattern.compile("[\\x21-\\x7e]{1,64}");

    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final int PORT = 4222;
    private static final int LARGEST_PORT = 65_535;

    private static final long LEAST_QUEUE = 64 << 10;
    private static final long QUEUE = 64 << 20;
    private static final long MOST_QUEUE = 1L << 40;
    /** By default, the queue takes no more than this part of the heap. */
    private static final int PART_OF_HEAP = 8;

    /**
     * How the forwarder proves who it is.
     *
     * @param user the user's name; empty if there is none
     * @param password the user's password
     * @param token a token that the servers share with their clients
     * @param keys signs what a server sends
     */
    record Login(String user, Optional<String> password, Optional<String> token, Optional<AuthHandler> keys) {}

    static NatsSettings read(Settings settings) {
        var servers = servers(settings);
        return new NatsSettings(
                servers,
                settings.list("groups", List.of("*")).stream().map(Glob::new).toList(),
                new Subjects(matching(
                        settings,
                        "prefix",
                        "socketforwarder",
                        PREFIX,
                        "1 to 4 words of ASCII letters, digits," + " - and _, with dots between")),
                matching(settings, "name", hostName(), NAME, "1 to 64 visible characters of ASCII"),
                settings.size("queue-size", defaultQueue(), LEAST_QUEUE, MOST_QUEUE),
                settings.flag("presence", false),
                tls(settings.section("tls"), servers),
                login(settings));
    }

    private static List<URI> servers(Settings settings) {
        var texts = settings.list("servers", List.of());
        if (texts.isEmpty()) {
            texts = List.of(settings.requiredText("servers"));
        }
        return texts.stream().map(text -> server(settings, text)).toList();
    }

    private static URI server(Settings settings, String text) {
        var wrong = settings.invalid("servers", text, "nats://host:port or tls://host:port, without user or password");
        try {
            var uri = new URI(text.contains("://") ? text : "nats://" + text);
            var scheme = uri.getScheme();
            boolean isRight = ("nats".equals(scheme) || "tls".equals(scheme))
                    && uri.getHost() != null
                    && uri.getPort() != 0
                    && uri.getPort() <= LARGEST_PORT
                    && uri.getUserInfo() == null
                    && uri.getRawPath().isEmpty()
                    && uri.getQuery() == null
                    && uri.getFragment() == null;
            if (!isRight) {
                throw wrong;
            }
            return uri.getPort() < 0 ? new URI(scheme + "://" + uri.getHost() + ":" + PORT) : uri;
        } catch (URISyntaxException _) {
            throw wrong;
        }
    }

    private static String matching(Settings settings, String key, String fallback, Pattern pattern, String allowed) {
        var text = settings.text(key, fallback);
        if (!pattern.matcher(text).matches()) {
            throw settings.invalid(key, text, allowed);
        }
        return text;
    }

    /** {@return the machine's own name, without asking a name service, which may not answer for long} */
    private static String hostName() {
        try {
            var name = Files.readString(HOST_NAME).strip();
            return NAME.matcher(name).matches() ? name : Node.text(Node.OWN);
        } catch (IOException _) {
            return Node.text(Node.OWN);
        }
    }

    private static long defaultQueue() {
        return Math.clamp(Runtime.getRuntime().maxMemory() / PART_OF_HEAP, LEAST_QUEUE, QUEUE);
    }

    private static Optional<SSLContext> tls(Settings settings, List<URI> servers) {
        var ca = settings.text("ca", "");
        var name = settings.text("server-name", "");
        if (!settings.isThere()
                && servers.stream().noneMatch(server -> server.getScheme().equals("tls"))) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    ServerTls.of(ca, name, servers.stream().map(URI::getHost).toList()));
        } catch (IOException | InvalidPathException e) {
            throw settings.invalid("ca", ca, "the name of a PEM file with certificates: " + e.getMessage());
        }
    }

    private static Login login(Settings settings) {
        var keys = settings.secret("credentials");
        try {
            return new Login(
                    settings.text("user", ""),
                    settings.secret("password"),
                    settings.secret("token"),
                    keys.map(NKeyAuth::of));
        } catch (IllegalArgumentException e) {
            throw settings.invalid("credentials-file", "the secret", "the right text, but it is " + e.getMessage());
        }
    }
}
