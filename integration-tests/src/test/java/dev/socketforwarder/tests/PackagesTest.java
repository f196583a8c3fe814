package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packages of each module and what they use of each other are as the module's README.md draws them. The drawing is made from
 * the compiled classes: with {@code -Darchitecture.write=true} this test writes it. Each module has such a page.
 */
class PackagesTest {
    private static final int MOST_CLASSES = 40;
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");
    private static final Pattern DESCRIBED = Pattern.compile("L(dev/socketforwarder/[\\w/$]+);");

    /** A module's packages, the uses among them, and how many classes each has. */
    private record Graph(String root, SortedMap<String, SortedSet<String>> uses, Map<String, Integer> classes) {

        static Graph of(Path compiled) throws IOException {
            var uses = new TreeMap<String, SortedSet<String>>();
            var classes = new TreeMap<String, Integer>();
            for (var file : files(compiled, ".class")) {
                if (file.endsWith("module-info.class")) {
                    continue;
                }
                var own = packageOf(compiled.relativize(file).toString());
                boolean isTopLevel = !file.getFileName().toString().matches("package-info.class|.*\\$.*");
                classes.merge(own, isTopLevel ? 1 : 0, Integer::sum);
                uses.computeIfAbsent(own, _ -> new TreeSet<>()).addAll(packagesUsed(file));
            }
            uses.forEach((own, used) -> used.removeIf(other -> other.equals(own) || !uses.containsKey(other)));
            return new Graph(uses.firstKey(), uses, classes);
        }

        private static SortedSet<String> packagesUsed(Path file) throws IOException {
            var used = new TreeSet<String>();
            for (var entry : ClassFile.of().parse(file).constantPool()) {
                if (entry instanceof ClassEntry type) {
                    var name = type.asInternalName();
                    if (name.startsWith("dev/socketforwarder/")) {
                        used.add(packageOf(name));
                    }
                } else if (entry instanceof Utf8Entry text) {
                    DESCRIBED
                            .matcher(text.stringValue())
                            .results()
                            .forEach(found -> used.add(packageOf(found.group(1))));
                }
            }
            return used;
        }

        private static String packageOf(String path) {
            return path.substring(0, path.lastIndexOf('/')).replace('/', '.');
        }

        /** {@return the packages from the top down, each with those that it uses} */
        String drawing() {
            var levels = new TreeMap<String, Integer>();
            uses.keySet().forEach(each -> level(each, levels, new ArrayList<>()));
            return uses.keySet().stream()
                    .sorted((one, other) -> levels.get(other) - levels.get(one))
                    .map(each -> (brief(each) + " -> "
                                    + uses.get(each).stream().map(this::brief).collect(Collectors.joining(" ")))
                            .strip())
                    .collect(Collectors.joining("\n"));
        }

        private String brief(String name) {
            return name.equals(root) ? root.substring(root.lastIndexOf('.') + 1) : name.substring(root.length());
        }

        private int level(String each, Map<String, Integer> levels, List<String> path) {
            assertThat(path).as("a cycle of packages").doesNotContain(each);
            var known = levels.get(each);
            if (known != null) {
                return known;
            }
            path.add(each);
            int level = uses.get(each).stream()
                    .mapToInt(used -> 1 + level(used, levels, path))
                    .max()
                    .orElse(0);
            path.removeLast();
            levels.put(each, level);
            return level;
        }
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }

    private static String drawn(String module) throws IOException {
        var block = drawing(module, Files.readString(page(module)));
        assertThat(block.find()).as(page(module) + " has a drawing").isTrue();
        return block.group(1);
    }

    private static Matcher drawing(String module, String document) {
        return Pattern.compile("(?<=```packages " + module + "\n)(.*?)(?=\n```)", Pattern.DOTALL)
                .matcher(document);
    }

    private static void write(String module, String drawing) throws IOException {
        var document = Files.readString(page(module));
        Files.writeString(page(module), drawing(module, document).replaceFirst(Matcher.quoteReplacement(drawing)));
    }

    private static Path page(String module) {
        return ROOT.resolve(module).resolve("README.md");
    }

    private static List<Path> modules() throws IOException {
        try (var folders = Files.list(ROOT);
                var plugins = Files.list(ROOT.resolve("plugins"))) {
            return Stream.concat(folders, plugins)
                    .filter(folder -> Files.exists(folder.resolve("pom.xml")))
                    .sorted()
                    .toList();
        }
    }

    /** {@return the files that this document links to} */
    private static List<Path> linked(Path document) throws IOException {
        return LINK.matcher(Files.readString(document))
                .results()
                .map(link -> document.resolveSibling(link.group(1)).normalize())
                .toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "forwarder-api",
                "forwarder-runtime",
                "transport-tcp",
                "transport-udp",
                "plugins/transport-nats",
                "plugins/transport-websocket"
            })
    void packagesUseEachOtherAsTheArchitectureSays(String module) throws IOException {
        var graph = Graph.of(ROOT.resolve(module + "/target/classes"));

        if (Boolean.getBoolean("architecture.write")) {
            write(module, graph.drawing());
        }
        assertThat(graph.drawing()).isEqualTo(drawn(module));
        assertThat(graph.classes().values()).allMatch(classes -> classes <= MOST_CLASSES);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "forwarder-api",
                "forwarder-runtime",
                "transport-tcp",
                "transport-udp",
                "plugins/transport-nats",
                "plugins/transport-websocket"
            })
    void eachPackageSaysWhatLivesThereAndWhatNeverDoes(String module) throws IOException {
        for (var source : files(ROOT.resolve(module + "/src/main/java"), ".java")) {
            if (source.endsWith("module-info.java")) {
                continue;
            }
            var info = source.resolveSibling("package-info.java");
            assertThat(info).exists();
            assertThat(Files.readString(info))
                    .containsPattern(
                            "/\\*\\*(.|\n)*\\.\\s(\\* )?(.|\n)*\\b(never|[Nn]o|not|Nothing|Nobody)\\b(.|\n)*\\*/");
        }
    }

    @Test
    void everyModuleHasAPageThatTheArchitectureLinksTo() throws IOException {
        var linked = linked(ROOT.resolve("docs/ARCHITECTURE.md"));

        assertThat(modules()).isNotEmpty();
        assertThat(linked)
                .containsAll(modules().stream()
                        .map(module -> module.resolve("README.md"))
                        .toList());
    }

    @Test
    void everyWalkNamesTheFilesOnItsWay() throws IOException {
        var walks = Files.readString(ROOT.resolve("docs/WALK.md")).split("\n## ");

        assertThat(walks).hasSize(1 + 6);
        for (var walk : List.of(walks).subList(1, walks.length)) {
            assertThat(walk.lines().filter(line -> line.matches("\\d+\\. .*")))
                    .hasSizeGreaterThan(2)
                    .allMatch(step -> LINK.matcher(step).find());
        }
    }
}
