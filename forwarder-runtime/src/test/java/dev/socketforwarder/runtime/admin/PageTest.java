package dev.socketforwarder.runtime.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page must work under the policy that its answers carry, and must never take text of a peer for markup. */
class PageTest {
    private static final Pattern NAMED = Pattern.compile("(?:src=|href=|from )\"(?:\\./)?([a-z]+\\.[a-z]+)\"");
    private static final Pattern INLINE = Pattern.compile("\\s(?:style|on[a-z]+)=\"|<style|<script>");
    private static final List<String> PARSERS = List.of(
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "Function(");
    private static final int LONGEST_MODULE = 300;

    /** {@return the text of each file that the page needs, by name; fails if one is not served} */
    private static Map<String, String> files() throws IOException {
        var files = new TreeMap<String, String>();
        var names = new ArrayDeque<>(List.of("index.html"));
        while (!names.isEmpty()) {
            var name = names.pop();
            var file = Pages.at(name);
            assertThat(file).as(name).isPresent();
            var text = new String(file.get().bytes(), StandardCharsets.UTF_8);
            files.put(name, text);
            NAMED.matcher(text)
                    .results()
                    .map(found -> found.group(1))
                    .filter(found -> !files.containsKey(found))
                    .forEach(names::push);
        }
        return files;
    }

    @Test
    void everyFileThatThePageNamesIsServed() throws Exception {
        assertThat(files()).containsKeys("index.html", "style.css", "icon.svg", "app.js", "text.js");
    }

    @Test
    void nothingIsInline() throws Exception {
        assertThat(files().get("index.html")).doesNotContainPattern(INLINE);
    }

    @Test
    void nothingComesFromElsewhere() throws Exception {
        files().forEach((name, text) -> assertThat(text.replace("http://www.w3.org/2000/svg", ""))
                .as(name)
                .doesNotContainPattern("https?://|src=\"//|url\\("));
    }

    @Test
    void nothingIsParsedAsMarkupOrCode() throws Exception {
        files().forEach((name, text) -> assertThat(text).as(name).doesNotContain(PARSERS));
    }

    @Test
    void modulesAreShort() throws Exception {
        files().forEach((name, text) -> {
            if (name.endsWith(".js")) {
                assertThat(text.lines().count()).as(name).isLessThan(LONGEST_MODULE);
            }
        });
    }
}
