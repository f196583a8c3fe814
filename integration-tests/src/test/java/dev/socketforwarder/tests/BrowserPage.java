package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One page of a browser, driven as its user would, with a record of all that the browser complains of. */
final class BrowserPage implements AutoCloseable {
    private static final Set<String> COMPLAINTS = Set.of("error", "warning", "assert");

    private final List<String> problems = new ArrayList<>(); // guarded by itself
    private final DevTools tools;
    private final Runnable dispose;

    BrowserPage(URI address, Runnable dispose) {
        this.dispose = dispose;
        tools = new DevTools(address, this::hear);
        for (var domain : List.of("Page", "Runtime", "Log", "Audits", "Inspector")) {
            tools.call(domain + ".enable");
        }
        tools.call("Performance.enable", Map.of("timeDomain", "threadTicks"));
        shape(1360, 900, false);
    }

    private void hear(String event, JsonNode about) {
        switch (event) {
            case "Runtime.exceptionThrown" -> note("exception: " + about.path("exceptionDetails"));
            case "Runtime.consoleAPICalled" -> {
                if (COMPLAINTS.contains(about.path("type").asString())) {
                    note("console: " + about.path("args"));
                }
            }
            case "Log.entryAdded" -> {
                var entry = about.path("entry");
                if (COMPLAINTS.contains(entry.path("level").asString())) {
                    note("log: " + entry);
                }
            }
            case "Audits.issueAdded" -> {
                if (about.path("issue").path("code").asString().startsWith("ContentSecurityPolicy")) {
                    note("policy: " + about.path("issue"));
                }
            }
            case "Page.javascriptDialogOpening" -> {
                note("dialog: " + about.path("message"));
                // A dialog stops the page until it is answered.
                tools.send("Page.handleJavaScriptDialog", Map.of("accept", false));
            }
            case "Inspector.targetCrashed" -> note("the page crashed");
            default -> {
                // All else is no complaint.
            }
        }
    }

    private void note(String problem) {
        synchronized (problems) {
            problems.add(problem);
        }
    }

    /** {@return exceptions, errors on the console, failed requests, breaches of the policy, dialogs and crashes so far} */
    List<String> problems() {
        evaluate("0"); // the browser tells of what happened before it answers
        synchronized (problems) {
            return List.copyOf(problems);
        }
    }

    /** Turn to an address. */
    void go(String address) {
        var answer = tools.call("Page.navigate", Map.of("url", address));
        assertThat(answer.path("errorText").asString("")).as(address).isEmpty();
    }

    /** {@return the value of a JavaScript expression} */
    JsonNode evaluate(String expression) {
        var answer = tools.call(
                "Runtime.evaluate",
                Map.of("expression", expression, "awaitPromise", true, "returnByValue", true, "userGesture", true));
        assertThat(answer.path("exceptionDetails").toString()).as(expression).isEmpty();
        return answer.path("result").path("value");
    }

    /** Wait until a JavaScript expression is true. */
    void awaitTrue(String expression) {
        await(expression)
                .atMost(Forwarder.LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> evaluate("!!(" + expression + ")").asBoolean());
    }

    /** {@return the visible text of the first element of this selector} */
    String text(String selector) {
        return evaluate(element(selector) + "?.innerText ?? ''").asString();
    }

    /** Wait until the visible text of the first element of this selector contains all of these. */
    void awaitText(String selector, String... parts) {
        await(selector)
                .atMost(Forwarder.LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(text(selector)).contains(parts));
    }

    /** {@return how many elements are visible} */
    int count(String selector) {
        return evaluate("[...document.querySelectorAll(" + quoted(selector)
                        + ")].filter(e => e.checkVisibility()).length")
                .asInt();
    }

    /** Wait until so many elements are visible. */
    void awaitCount(String selector, int count) {
        await(selector)
                .atMost(Forwarder.LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(count(selector)).isEqualTo(count));
    }

    /** Click the first element of this selector, once it is visible. */
    void click(String selector) {
        awaitTrue(element(selector) + "?.checkVisibility()");
        evaluate(element(selector) + ".click()");
    }

    /** Type into the first element of this selector, in place of what is there. */
    void type(String selector, String text) {
        awaitTrue(element(selector) + "?.checkVisibility()");
        evaluate(element(selector) + ".select()");
        tools.call("Input.insertText", Map.of("text", text));
    }

    /** {@return the processor time that the page has used for its own work} */
    Duration processorTime() {
        for (var metric : tools.call("Performance.getMetrics").path("metrics")) {
            if (metric.path("name").asString().equals("TaskDuration")) {
                return Duration.ofNanos((long) (metric.path("value").asDouble() * 1e9));
            }
        }
        throw new AssertionError("the browser does not tell TaskDuration");
    }

    /** Give the page this many pixels. */
    void shape(int width, int height, boolean isPhone) {
        tools.call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", isPhone));
    }

    /** Show the page as for a user who prefers {@code light} or {@code dark}. */
    void prefer(String colours) {
        tools.call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colours))));
    }

    /** {@return what is seen now, as PNG} */
    byte[] picture() {
        var answer = tools.call("Page.captureScreenshot", Map.of("format", "png"));
        return packed(Base64.getDecoder().decode(answer.path("data").asString()));
    }

    /** {@return the same picture in four fifths of the bytes that a browser takes for it} */
    private static byte[] packed(byte[] png) {
        var writer = ImageIO.getImageWritersByFormatName("png").next();
        var parameters = writer.getDefaultWriteParam();
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(0); // PNG loses nothing by that
        var packed = new ByteArrayOutputStream();
        try (var out = ImageIO.createImageOutputStream(packed)) {
            var picture = ImageIO.read(new ByteArrayInputStream(png));
            writer.setOutput(out);
            writer.write(null, new IIOImage(picture, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return packed.toByteArray();
    }

    private static String element(String selector) {
        return "document.querySelector(" + quoted(selector) + ")";
    }

    /** {@return text as a literal of JavaScript} */
    static String quoted(String text) {
        return JsonMapper.shared().writeValueAsString(text);
    }

    @Override
    public void close() {
        tools.close();
        dispose.run();
    }
}
