package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TaskQueue;
import dev.socketforwarder.transport.udp.Admission.Wish;
import dev.socketforwarder.transport.udp.RecordingSockets.Sent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the reader of registrations makes of any bytes, beside what a plain description of them makes of the same. */
@Timeout(120)
class RegistrationFuzzTest {
    private static final int ROUNDS = 30_000;
    private static final InetAddress HOST = InetAddress.ofLiteral("192.0.2.9");
    private static final List<String> PIECES = List.of(
            UdpSettings.DEFAULT_PREFIX,
            MemberSettings.DEFAULT_LEAVE_PREFIX,
            "1",
            "65535",
            "65536",
            "0",
            "99999",
            "100000",
            ":",
            "\n",
            "\r\n",
            "\r",
            "\0",
            " ",
            "٣",
            "\u00ff\u00fe",
            "SFCOOKIE:",
            "abcdefghijk",
            "-_-_-_-_-_-",
            "=");
    // The port as it was sent may have its line feed before the cookie too.
    private static final Pattern FORM = Pattern.compile(
            "(SOCKETFORWARDER-(?:NEW|LEAVE):)([0-9]{0,5})(?:\r?\n)?" + "(?:(:[A-Za-z0-9_-]{11})(?:\r?\n)?)?");

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final RecordingSockets sockets = new RecordingSockets(new InetSocketAddress(HOST, 6753));
    private final Intake intake = new Intake(2_000, ByteBuffer.allocateDirect(2_001));
    private final Set<Integer> members = new HashSet<>();
    private TestContext context;
    private Admission admission;
    private long refused;
    private long challenged;

    private void open(String mode) {
        var given = new TestSettings().set("port", 0).set("registration", mode).set("max-registrations", 1 << 20);
        context = new TestContext("udp", given, TestServer.groups());
        var settings = UdpSettings.read(given);
        var clock = new TurnClock(System::nanoTime);
        var owner = new TaskQueue(() -> {});
        var registrations = new Registrations(
                new Registry(settings.members(), 0),
                context,
                settings,
                new ListeningAddresses(new LocalInterfaces()),
                owner,
                clock);
        registrations.enter();
        admission = new Admission(
                context,
                settings,
                context.handshake(List.of("prefix")),
                sockets,
                registrations,
                new Cookies(System::nanoTime));
    }

    /** {@return a text that is a registration, or nearly one, or far from it; each character stands for a byte} */
    private String text() {
        if (!sockets.sent.isEmpty() && random.nextInt(4) == 0) {
            var last = sockets.sent.peekLast();
            return PIECES.get(random.nextInt(2))
                    + last.to().getPort()
                    + last.text().substring("SFCOOKIE".length());
        }
        var text = new StringBuilder();
        if (random.nextInt(10) > 0) {
            text.append(PIECES.get(random.nextInt(2)));
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(
                    random.nextInt(4) == 0
                            ? Integer.toString(random.nextInt(70_000))
                            : PIECES.get(random.nextInt(PIECES.size())));
        }
        if (!sockets.sent.isEmpty() && random.nextBoolean()) {
            text.append(sockets.sent.peekLast().text().substring("SFCOOKIE".length()));
        }
        var latin = new String(text.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        if (latin.isEmpty() || random.nextInt(3) > 0) {
            return latin;
        }
        int at = random.nextInt(latin.length());
        return switch (random.nextInt(3)) {
            case 0 -> latin.substring(0, at);
            case 1 -> latin.substring(0, at) + (char) random.nextInt(256) + latin.substring(at);
            default -> latin.substring(0, at) + (char) random.nextInt(256) + latin.substring(at + 1);
        };
    }

    private void receive(String text, InetSocketAddress source) {
        var bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        intake.clear();
        intake.memory().clear().put(bytes);
        intake.add(source, HOST, 0, bytes.length, Hops.NONE);
        var wish = admission.wish(intake, 0);
        assertThat(wish).isEqualTo(expected(text));
        if (wish != Wish.NONE) {
            admission.consider(wish, intake, 0, 0);
        }
    }

    private static Wish expected(String text) {
        if (text.startsWith(UdpSettings.DEFAULT_PREFIX)) {
            return Wish.REGISTER;
        }
        if (text.startsWith(MemberSettings.DEFAULT_LEAVE_PREFIX)) {
            return Wish.LEAVE;
        }
        return text.matches("SFCOOKIE:[A-Za-z0-9_-]{11}") ? Wish.OTHERS : Wish.NONE;
    }

    private long allRefused() {
        return List.of(Reason.BAD_PORT, Reason.BAD_COOKIE, Reason.NOT_REGISTERED).stream()
                .mapToLong(reason -> context.counters().get(reason))
                .sum();
    }

    @Test
    void withoutAChallenge() {
        open("open");
        run(false);
        assertThat(challenged).isZero();
    }

    @Test
    void withAChallenge() {
        open("challenge");
        run(true);
        assertThat(challenged).isGreaterThan(100);
    }

    private void run(boolean withChallenge) {
        long joined = 0;
        for (int i = 0; i < ROUNDS; i++) {
            // A few, so that cookies fit now and then.
            int sourcePort = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(3);
            var text = text();
            var last = sockets.sent.peekLast();
            receive(text, new InetSocketAddress(HOST, sourcePort));
            expect(text, sourcePort, withChallenge, last);

            var where = "seed %d, round %d, %s from %d".formatted(seed, i, text, sourcePort);
            assertThat(allRefused()).as(where).isEqualTo(refused);
            assertThat(context.counters().get(Counter.CHALLENGED)).as(where).isEqualTo(challenged);
            assertThat(context.counters().get(Counter.MEMBERS)).as(where).isEqualTo(members.size());
            assertThat(sockets.sent).as(where).hasSize((int) challenged);
            joined = context.counters().get(Counter.JOINED);
        }
        assertThat(joined).as("seed %d", seed).isGreaterThan(100);
        assertThat(context.counters().get(Reason.LEFT)).as("seed %d", seed).isGreaterThan(10);
        assertThat(context.counters().get(Reason.INTERNAL_ERROR))
                .as("seed %d", seed)
                .isZero();
    }

    private void expect(String text, int sourcePort, boolean withChallenge, Sent last) {
        boolean register = text.startsWith(UdpSettings.DEFAULT_PREFIX);
        if (!register && !text.startsWith(MemberSettings.DEFAULT_LEAVE_PREFIX)) {
            return;
        }
        var form = FORM.matcher(text);
        boolean fits = form.matches() && (withChallenge || form.group(3) == null);
        int port = !fits ? 0 : form.group(2).isEmpty() ? sourcePort : Integer.parseInt(form.group(2));
        if (port < 1 || port > 65_535) {
            refused++;
        } else if (withChallenge && form.group(3) == null) {
            challenged++;
            assertThat(sockets.sent.peekLast().to()).isEqualTo(new InetSocketAddress(HOST, port));
            assertThat(text.length())
                    .isGreaterThanOrEqualTo(sockets.sent.peekLast().text().length());
        } else if (withChallenge && !isCookieOf(port, form.group(3))) {
            refused++;
        } else if (register) {
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
