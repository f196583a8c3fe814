package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the admin endpoint's page in a real browser, which complains of nothing. */
@Timeout(120)
class PageInBrowserTest {
    private static final String TOKEN = "0123456789abcdef-token";
    private static final Path PICTURES = Path.of("../docs/images");

    private static Browser browser;

    @TempDir
    private Path folder;

    private BrowserPage page;
    private Forwarder forwarder;

    /** What the browser may complain of, since the test provokes it. */
    private final List<String> expected = new ArrayList<>();

    @BeforeAll
    static void startBrowser() {
        browser = Browser.start();
    }

    @AfterAll
    static void endBrowser() {
        browser.close();
    }

    @AfterEach
    void endWithoutProblems() {
        try {
            if (page != null) {
                assertThat(page.problems())
                        .filteredOn(problem -> expected.stream().noneMatch(problem::contains))
                        .isEmpty();
            }
        } finally {
            if (page != null) {
                page.close();
            }
            if (forwarder != null) {
                forwarder.close();
            }
        }
    }

    private Launch launch(int adminPort) throws IOException {
        var token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        return Launch.onFreePorts()
                .env("SOCKETFORWARDER_ADMIN_PORT", Integer.toString(adminPort))
                .env("SOCKETFORWARDER_ADMIN_TOKEN_FILE", token.toString())
                .env("SOCKETFORWARDER_ADMIN_TAP", "tele*")
                .env("SOCKETFORWARDER_STALL_TIMEOUT", "60s");
    }

    private void start() throws IOException {
        forwarder = launch(0).start();
        page = browser.open();
    }

    /** Show the forwarder's page, at this place in it. */
    private void show(String hash) {
        page.go("http://127.0.0.1:" + forwarder.address("admin").getPort() + "/" + hash);
    }

    private void signIn() {
        page.click("#sign-in");
        page.type("#token", TOKEN);
        page.click("#sign-in-form [type=submit]");
        page.awaitText("#toast", "Signed in.");
        page.awaitTrue("!document.querySelector('#sign-in-dialog').open");
    }

    @Test
    void theEmptyPageSaysHowToJoin() throws Exception {
        start();
        show("");
        page.awaitText("#state", "Running");
        page.awaitText(
                "#welcome",
                "Nobody has joined yet",
                "(printf 'SOCKETFORWARDER-NEW:demo\\n'; cat) | nc 127.0.0.1 "
                        + forwarder.tcp().getPort(),
                "nc -u 127.0.0.1 " + forwarder.udp().getPort());
        page.awaitText("#chart-members", "In 0 groups");
        try (var one = forwarder.join("demo")) {
            page.awaitText("#groups-rows", "demo");
            assertThat(page.count("#welcome")).isZero();
            one.leave();
            page.awaitText("#welcome", "Nobody is here now");
        }
    }

    @Test
    void aBusyGroupShowsItsMembersRatesAndFlow() throws Exception {
        start();
        try (var traffic = new SteadyTraffic()) {
            var sender = forwarder.join("telemetry");
            var reader = traffic.read(forwarder.join("telemetry"));
            traffic.read(forwarder.join("telemetry"));
            traffic.send(sender, Duration.ofMillis(20), () -> "x".repeat(2_000));
            show("");
            page.awaitText("#flow-rows", "telemetry", "3 members", "kB/s");
            page.awaitCount("#flow-in .busy .ribbon", 1);
            page.awaitCount("#flow-out .busy .ribbon", 1);
            page.awaitText("#flow-note", "a byte goes to 2 members on average");
            page.awaitText("#chart-throughput", "kB/s");
            page.awaitText("#slow-note", "every member keeps up");
            page.click("#groups-rows a");
            page.awaitText("#group-name", "telemetry");
            page.awaitCount("#members-rows tr", 3);
            page.awaitText("#members-rows", sender.shown(), reader.shown(), "keeps up", "kB/s");
            page.awaitText("#hub-members", "3 members");
            page.awaitCount("#member-flow-in .busy .ribbon", 1);
            page.awaitCount("#member-flow-out .busy .ribbon", 2);
        }
    }

    @Test
    void aSampleThatStandsAloneIsADot() throws Exception {
        start();
        try (var sender = forwarder.join("telemetry");
                var reader = forwarder.join("telemetry")) {
            show("");
            page.awaitText("#state", "Running");
            // A message measured in two samples draws a line. The next one, after a gap, draws a stroke of its own.
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofSeconds(5))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> {
                        boolean isThere = page.evaluate("/M[^ML]+h0(M|$)/.test("
                                        + "document.querySelector('#chart-latency .line').getAttribute('d'))")
                                .asBoolean();
                        sender.send("once");
                        reader.expect("once");
                        return isThere;
                    });
            page.awaitText("#chart-latency", "Read to last write");
        }
    }

    @Test
    void aMemberThatDoesNotReadIsShownWithWhoWaitsForIt() throws Exception {
        start();
        try (var slow = TcpClient.connectSmall(forwarder.tcp()).join("camera")) {
            forwarder.awaitJoined(slow, "camera");
            try (var sender = forwarder.join("camera")) {
                Flood.start(sender, Noise.random(), 64 << 20);
                show("");
                page.awaitText("#slow-list", slow.shown(), "camera", "queued", "1 other member waits for it");
                page.awaitText("#groups-rows", "waits for member ");
                page.awaitTrue("document.title.startsWith('1 slow member')");
                page.click("#slow-list a");
                page.awaitText("#members-rows tr.slow", slow.shown(), "slow for");
                page.awaitText("#members-rows tr:not(.slow)", sender.shown(), "waits for member");
            }
        }
    }

    @Test
    void whatPeersSayIsTextAndRunsNothing() throws Exception {
        start();
        var markup = "<img src=x onerror=alert(1)><script>alert(2)</script>";
        var name = markup + " ../../\"'`${alert(3)}\u202egpj.exe";
        try (var odd = TcpClient.connect(forwarder.tcp()).join(name);
                var stranger = TcpClient.connect(forwarder.tcp())) {
            stranger.send(markup + "\n").expectEnd();
            show("");
            page.awaitText("#groups-rows", markup + " ../../\"'`${alert(3)}", "U+202E", "gpj.exe");
            page.awaitText("#flow-rows", markup);
            page.awaitText("#refusals", "wrong-prefix", markup);
            page.click("#groups-rows a");
            page.awaitText("#group-name", markup);
            page.awaitText("#members-rows", odd.shown());
            page.awaitTrue("document.title.includes('script') && !document.title.includes('\u202e')");
            page.evaluate("location.hash = '#/group/../../api/v1/drain'");
            page.awaitText("#members-empty", "Nobody is in this group");
            assertThat(page.count("main img, main script, main iframe")).isZero();
        }
    }

    @Test
    void signingInByTheTokenAllowsToKick() throws Exception {
        start();
        try (var one = forwarder.join("telemetry");
                var other = forwarder.join("telemetry")) {
            show("#/group/telemetry");
            page.awaitCount("#members-rows tr", 2);
            assertThat(page.count("[data-part=kick]")).isZero();

            expected.add("status of 401");
            page.click("#sign-in");
            page.type("#token", "not the token at all");
            page.click("#sign-in-form [type=submit]");
            page.awaitText("#sign-in-error", "That is not the token.");
            page.click("#sign-in-dialog [data-close]");
            signIn();

            page.awaitCount("[data-part=kick]", 2);
            page.evaluate("[...document.querySelectorAll('#members-rows tr')].find(row => row.innerText.includes("
                    + BrowserPage.quoted(one.shown()) + ")).querySelector('[data-part=kick]').click()");
            page.awaitText("#confirm-dialog", "Kick member", one.shown(), "telemetry");
            page.click("#confirm-yes");
            one.expectEnd();
            forwarder.awaitLeft(one, "kicked");
            page.awaitText("#toast", "was kicked.");
            page.awaitCount("#members-rows tr", 1);
            page.awaitText("#members-rows", other.shown());
        }
    }

    @Test
    void aTapShowsMessagesAsTheyPass() throws Exception {
        start();
        try (var traffic = new SteadyTraffic();
                var one = forwarder.join("telemetry");
                var secret = forwarder.join("secret")) {
            show("#/group/telemetry");
            page.awaitText("#tap-toggle", "Sign in to listen");
            signIn();
            page.awaitText("#tap-toggle", "Start listening");
            page.click("#tap-toggle");
            forwarder.awaitLine("group \"telemetry\" is tapped by ");
            // More than once: the log tells of a tap just before it begins.
            traffic.send(one, Duration.ofMillis(100), () -> "<b>22.5</b> \u001b[2J");
            page.awaitText("#messages", "<b>22.5</b> \\x1b[2J");
            page.awaitTrue("/^[1-9]\\d* messages?, /.test(document.querySelector('#tap-note').innerText)");

            expected.add("status of 403");
            page.evaluate("location.hash = '#/group/secret'");
            page.awaitText("#members-rows", secret.shown());
            page.click("#tap-toggle");
            page.awaitText("#tap-error", "admin.tap");
        }
    }

    @Test
    void aStopIsToldAndTheNextStartIsNoticed() throws Exception {
        start();
        show("");
        page.awaitText("#state", "Running");
        int port = forwarder.address("admin").getPort();
        var first = page.text("#instance");
        expected.add("net::ERR_");

        forwarder.stop();
        page.awaitText("#state", "Out of reach");
        page.awaitText("#banner", "Trying again", "What you see is");

        forwarder = launch(port).start();
        page.awaitText("#state", "Running");
        page.awaitCount("#banner", 0);
        page.awaitText("#instance", "process " + forwarder.pid());
        assertThat(first).doesNotContain("process " + forwarder.pid());
        page.awaitText("#welcome", "nc 127.0.0.1 " + forwarder.tcp().getPort());
    }

    @Test
    void manyGroupsLeaveThePageResponsive() throws Exception {
        start();
        int many = affordable(1_000);
        var members = new ArrayList<TcpClient>();
        try {
            for (int i = 0; i < many; i++) {
                members.add(TcpClient.connect(forwarder.tcp()).join("group-" + i));
            }
            show("");
            page.awaitText("#groups-note", String.format("%,d groups", many));
            page.awaitText("#flow-rows", "other groups");
            page.awaitCount("#groups-rows tr", 20);
            assertThat(page.count("*")).isLessThan(1_500);
            double share = shareOfACore(5);
            System.out.printf("%d groups cost the page %.2f of a core%n", many, share);
            assertThat(share).isLessThan(0.25);

            page.click("#groups-pager button:last-of-type");
            page.awaitText("#groups-pager", "21 to 40 of");
            page.type("#groups-search", "group-" + (many - 1));
            page.awaitText("#groups-note", "1 match");
            page.click("#groups-rows a");
            page.awaitText("#members-rows", members.getLast().shown());
        } finally {
            members.forEach(TcpClient::close);
        }
    }

    /** {@return up to {@code wanted}: each member takes a descriptor of this process, and others run tests too} */
    private static int affordable(int wanted) {
        var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return (int) Math.min(wanted, (system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount()) / 2);
    }

    /** {@return how much of a core the page takes while it draws so many samples} */
    private double shareOfACore(int samples) {
        page.evaluate("(window.seen = 0, new MutationObserver(() => window.seen++).observe("
                + "document.querySelector('#instance'), {subtree: true, childList: true, characterData: true}))");
        var used = page.processorTime();
        long begunNs = System.nanoTime();
        page.awaitTrue("window.seen >= " + samples);
        return (double) page.processorTime().minus(used).toNanos() / (System.nanoTime() - begunNs);
    }

    /** With -Dpictures.write=true it also writes the README's pictures, after the five minutes that the charts show. */
    @Test
    @Timeout(600)
    void theBusyPageFitsEveryScreen() throws Exception {
        boolean writes = Boolean.getBoolean("pictures.write");
        var launch = Showcase.configure(launch(writes ? 8080 : 0)).env("SOCKETFORWARDER_ADMIN_TAP", "chat");
        if (writes) {
            launch.env("SOCKETFORWARDER_TCP_PORT", "6753").env("SOCKETFORWARDER_UDP_PORT", "6753");
        }
        forwarder = launch.start();
        page = browser.open();
        try (var traffic = new SteadyTraffic()) {
            Showcase.start(forwarder, traffic);
            show("");
            page.awaitCount("#flow-out g:not(.still) > .ribbon", 5);
            page.awaitText("#slow-list", "in camera", "left out for it");
            page.awaitText("#refusals", "wrong-prefix");
            if (writes) {
                await().atMost(Duration.ofMinutes(6))
                        .until(() -> page.text("#instance").contains("up 5 min"));
            }
            fits("overview-light", 1360, "light");
            fits("overview-dark", 1360, "dark");
            fits("phone", 390, "light");
            show("#/group/chat");
            signIn();
            page.click("#tap-toggle");
            page.awaitTrue("document.querySelectorAll('#messages li').length >= 8");
            page.awaitCount("#toast", 0);
            fits("group-light", 1360, "light");
        }
    }

    /** Check that the page is no wider than the screen, and write its picture if that is wanted. */
    private void fits(String name, int width, String colours) throws IOException {
        page.prefer(colours);
        page.shape(width, 844, width < 600);
        page.awaitTrue("document.documentElement.scrollWidth <= " + width);
        if (Boolean.getBoolean("pictures.write")) {
            if (width >= 600) {
                page.shape(
                        width,
                        page.evaluate("document.documentElement.scrollHeight").asInt(),
                        false);
            }
            var picture = page.picture();
            Files.write(PICTURES.resolve(name + ".png"), picture);
            assertThat(picture).hasSizeLessThan(250_000);
        }
    }

    @Test
    void whateverGoesWrongInAPageIsFound() throws Exception {
        start();
        show("");
        page.awaitText("#state", "Running");
        page.evaluate(
                "(setTimeout(() => { throw new Error('thrown'); }), console.error('printed'), setTimeout(alert, 0, 'opened'),"
                        + "document.body.append(Object.assign(document.createElement('script'), {text: 'inline()'})),"
                        + "fetch('api/v1/nothing'), 0)");
        for (var kind : List.of("exception: ", "console: ", "dialog: ", "log: ", "policy: ", "status of 404")) {
            expected.add(kind);
            await(kind)
                    .atMost(Forwarder.LIMIT)
                    .until(() -> page.problems().stream().anyMatch(problem -> problem.contains(kind)));
        }
    }
}
