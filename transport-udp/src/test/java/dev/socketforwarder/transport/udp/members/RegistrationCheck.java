package dev.socketforwarder.transport.udp.members;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.TaskQueue;
import dev.socketforwarder.transport.udp.RecordingSockets;
import dev.socketforwarder.transport.udp.RecordingSockets.Sent;
import dev.socketforwarder.transport.udp.TestContext;
import dev.socketforwarder.transport.udp.TestServer;
import dev.socketforwarder.transport.udp.TestSettings;
import dev.socketforwarder.transport.udp.admission.Admission;
import dev.socketforwarder.transport.udp.admission.Admission.Wish;
import dev.socketforwarder.transport.udp.admission.Cookies;
import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Compares the reader of registrations with a plain description of them, for random tests and for fuzzing. Texts stand
 * for bytes, one per character.
 */
public final class RegistrationCheck {
    static final String CHALLENGE = "SFCOOKIE";

    private static final InetAddress HOST = InetAddress.ofLiteral("192.0.2.9");
    // The port as it was sent may have its line feed before the cookie too.
    private static final Pattern FORM = Pattern.compile(
            "(SOCKETFORWARDER-(?:NEW|LEAVE):)([0-9]{0,5})(?:\r?\n)?" + "(?:(:[A-Za-z0-9_-]{11})(?:\r?\n)?)?");
    private static final int LONGEST = 8_192;
    // One for all checks, since direct memory is expensive.
    private static final Intake INTAKE = new Intake(LONGEST, ByteBuffer.allocateDirect(LONGEST + 1));
    private static final LocalInterfaces INTERFACES = new LocalInterfaces();

    private final RecordingSockets sockets = new RecordingSockets(new InetSocketAddress(HOST, 6753));
    private final Set<Integer> members = new HashSet<>();
    private final boolean withChallenge;
    private final TestContext context;
    private final Admission admission;
    private long refused;
    private long challenged;

    public RegistrationCheck(boolean withChallenge) {
        this.withChallenge = withChallenge;
        var given = new TestSettings()
                .set("port", 0)
                .set("registration", withChallenge ? "challenge" : "open")
                .set("max-registrations", 1 << 20);
        context = new TestContext("udp", given, TestServer.groups());
        var settings = UdpSettings.read(given);
        var registrations = new Registrations(
                new Registry(settings.members(), 0),
                context,
                settings,
                new ListeningAddresses(INTERFACES),
                new TaskQueue(() -> {}),
                new TurnClock(System::nanoTime));
        registrations.enter();
        admission = new Admission(
                context,
                settings,
                context.handshake(List.of("prefix")),
                sockets,
                registrations,
                new Cookies(System::nanoTime));
    }

    /** {@return the last challenge that was sent; null if there is none} */
    public Sent lastChallenge() {
        return sockets.sent.peekLast();
    }

    /** {@return the last cookie that was sent, with its separator; empty if there is none} */
    public String lastCookie() {
        return sockets.sent.isEmpty() ? "" : lastChallenge().text().substring(CHALLENGE.length());
    }

    public long challenged() {
        return challenged;
    }

    public long count(Reason reason) {
        return context.counters().get(reason);
    }

    public long joined() {
        return context.counters().get(Counter.JOINED);
    }

    /** Receive a datagram, and assert exactly the right result. */
    public void receive(String text, int sourcePort) {
        take(text, new InetSocketAddress(HOST, sourcePort));
        expect(text, sourcePort);
        var where = "%s from %d".formatted(text, sourcePort);
        assertThat(count(Reason.BAD_PORT) + count(Reason.BAD_COOKIE) + count(Reason.NOT_REGISTERED))
                .as(where)
                .isEqualTo(refused);
        assertThat(context.counters().get(Counter.CHALLENGED)).as(where).isEqualTo(challenged);
        assertThat(context.counters().get(Counter.MEMBERS)).as(where).isEqualTo(members.size());
        // Only challenges are sent.
        assertThat(sockets.sent).as(where).hasSize((int) challenged);
    }

    private void take(String text, InetSocketAddress source) {
        var bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        INTAKE.clear();
        INTAKE.memory().clear().put(bytes);
        INTAKE.add(source, HOST, 0, bytes.length, Hops.NONE);
        var wish = admission.wish(INTAKE, 0);
        // Only data is forwarded, which is none of these.
        assertThat(wish).isEqualTo(wish(text));
        if (wish != Wish.NONE) {
            admission.consider(wish, INTAKE, 0, 0);
        }
    }

    private static Wish wish(String text) {
        if (text.startsWith(UdpSettings.DEFAULT_PREFIX)) {
            return Wish.REGISTER;
        }
        if (text.startsWith(MemberSettings.DEFAULT_LEAVE_PREFIX)) {
            return Wish.LEAVE;
        }
        return text.matches("SFCOOKIE:[A-Za-z0-9_-]{11}") ? Wish.OTHERS : Wish.NONE;
    }

    private void expect(String text, int sourcePort) {
        var wish = wish(text);
        if (wish != Wish.REGISTER && wish != Wish.LEAVE) {
            return;
        }
        var form = FORM.matcher(text);
        boolean fits = form.matches() && (withChallenge || form.group(3) == null);
        int port = !fits ? 0 : form.group(2).isEmpty() ? sourcePort : Integer.parseInt(form.group(2));
        if (port < 1 || port > 65_535) {
            refused++;
        } else if (withChallenge && form.group(3) == null) {
            challenged++;
            assertThat(lastChallenge().to()).isEqualTo(new InetSocketAddress(HOST, port));
            assertThat(text.length())
                    .isGreaterThanOrEqualTo(lastChallenge().text().length());
        } else if (withChallenge && !isCookieOf(port, form.group(3))) {
            refused++;
        } else if (wish == Wish.REGISTER) {
            members.add(port);
        } else if (!members.remove(port)) {
            refused++;
        }
    }

    private boolean isCookieOf(int port, String cookie) {
        return sockets.sent.stream()
                .anyMatch(each -> each.to().getPort() == port && each.text().endsWith(cookie));
    }
}
