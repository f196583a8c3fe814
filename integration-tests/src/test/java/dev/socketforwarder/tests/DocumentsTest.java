package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Each link in a Markdown file of this project leads to a file that exists, and to a heading of that file. */
class DocumentsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    // What others wrote, and templates of pages that stand elsewhere.
    private static final Set<String> OTHERS = Set.of("target", ".git", "node_modules", "resources");
    private static final Pattern CODE =
            Pattern.compile("^ *```.*?^ *```$|`[^`\n]*`", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern FENCED = Pattern.compile("^ *```.*?^ *```$", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s#:]*)(?:#([^)\\s]*))?\\)");
    private static final Pattern HEADING = Pattern.compile("^#{1,6} +(.*?) *$", Pattern.MULTILINE);
    private static final Pattern ANCHOR = Pattern.compile("<a (?:id|name)=\"([^\"]+)\"");

    @Test
    void everyLinkLeadsToAFileAndAHeading() throws IOException {
        var broken = new ArrayList<String>();
        var documents = documents();
        for (var document : documents) {
            var text = CODE.matcher(Files.readString(document)).replaceAll("");
            for (var link : LINK.matcher(text).results().toList()) {
                var to = link.group(1).isEmpty()
                        ? document
                        : document.resolveSibling(link.group(1)).normalize();
                var heading = link.group(2);
                if (!Files.exists(to) || heading != null && !anchors(to).contains(heading)) {
                    broken.add(ROOT.relativize(document) + ": " + link.group());
                }
            }
        }

        assertThat(documents).hasSizeGreaterThan(30);
        assertThat(broken).isEmpty();
    }

    private static List<Path> documents() throws IOException {
        try (var files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> {
                        for (var name : ROOT.relativize(file)) {
                            if (OTHERS.contains(name.toString())) {
                                return false;
                            }
                        }
                        return true;
                    })
                    .toList();
        }
    }

    /** {@return the names by which a page's headings can be linked to, as GitHub makes them} */
    private static Set<String> anchors(Path document) throws IOException {
        var text = FENCED.matcher(Files.readString(document)).replaceAll("");
        var anchors = new HashSet<String>();
        var seen = new HashMap<String, Integer>();
        for (var heading : HEADING.matcher(text).results().toList()) {
            var shown = heading.group(1)
                    .replaceAll("\\[([^]]*)\\]\\([^)]*\\)", "$1")
                    .toLowerCase();
            var anchor = shown.replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-');
            int before = seen.merge(anchor, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? anchor : anchor + "-" + before);
        }
        ANCHOR.matcher(text).results().forEach(anchor -> anchors.add(anchor.group(1)));
        return anchors;
    }
}
