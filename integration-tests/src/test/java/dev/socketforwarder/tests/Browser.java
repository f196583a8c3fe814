package dev.socketforwarder.tests;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Chromium without a window and with a profile of its own, which {@link #close} ends and deletes. */
final class Browser implements AutoCloseable {
    private final Path profile;
    private final Process process;
    private final Lines said;
    private final String place; // host and port of its DevTools
    private final DevTools tools;

    private Browser(Path profile, Process process) {
        this.profile = profile;
        this.process = process;
        said = Lines.of(process.getInputStream());
        try {
            var portAndPath = awaitPort();
            place = "127.0.0.1:" + portAndPath.getFirst();
            tools = new DevTools(URI.create("ws://" + place + portAndPath.get(1)), (_, _) -> {});
        } catch (Throwable e) {
            end();
            throw new AssertionError("the browser does not start; it said:\n" + said, e);
        }
    }

    static Browser start() {
        try {
            var profile = Files.createTempDirectory("socketforwarder-browser");
            var builder = new ProcessBuilder(
                    program(),
                    "--headless=new",
                    "--no-sandbox", // a browser of root refuses to have one
                    "--disable-gpu",
                    "--disable-dev-shm-usage", // a container's /dev/shm is small
                    "--disable-background-networking",
                    "--no-first-run",
                    "--hide-scrollbars",
                    "--lang=en-US",
                    "--remote-debugging-port=0",
                    "--user-data-dir=" + profile,
                    "about:blank");
            // Crash reports and settings of the desktop go beside the profile too.
            for (var variable : List.of("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")) {
                builder.environment().put(variable, profile.toString());
            }
            var process = builder.redirectErrorStream(true).start();
            Launch.endWithTests(process);
            return new Browser(profile, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the first of these programs in PATH; Ubuntu has no package of Chromium that works here} */
    private static String program() {
        var folders = System.getenv("PATH").split(":");
        return Stream.of("chromium", "google-chrome")
                .flatMap(name -> Stream.of(folders).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no chromium: script/test installs it"))
                .toString();
    }

    private List<String> awaitPort() {
        var file = profile.resolve("DevToolsActivePort");
        await("the browser's port")
                .atMost(Forwarder.LIMIT)
                .until(() -> Files.exists(file) && Files.readAllLines(file).size() == 2);
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Open an empty page that shares no cookies with others. */
    BrowserPage open() {
        var context = tools.call("Target.createBrowserContext")
                .path("browserContextId")
                .asString();
        // A window of its own: in a common one only the last page would be visible, and draw anything.
        var target = tools.call(
                        "Target.createTarget",
                        Map.of("url", "about:blank", "browserContextId", context, "newWindow", true))
                .path("targetId")
                .asString();
        return new BrowserPage(
                URI.create("ws://" + place + "/devtools/page/" + target),
                () -> tools.call("Target.disposeBrowserContext", Map.of("browserContextId", context)));
    }

    @Override
    public void close() {
        tools.send("Browser.close", Map.of());
        tools.close();
        end();
    }

    private void end() {
        var processes = process.descendants().toList();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            processes.forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        // The last process may still write there.
        await().atMost(Forwarder.LIMIT).ignoreExceptions().until(this::deleteProfile);
    }

    private boolean deleteProfile() throws IOException {
        try (var files = Files.walk(profile)) {
            files.sorted(Comparator.reverseOrder()).forEach(Forwarder::delete);
        }
        return !Files.exists(profile);
    }
}
