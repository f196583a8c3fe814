package dev.socketforwarder.runtime.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Transport;
import dev.socketforwarder.runtime.plugins.PluginOptions.OnError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.ModuleAttribute;
import java.lang.constant.ModuleDesc;
import java.lang.reflect.AccessFlag;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the messages about modules that do not fit, before any code runs, so classes are empty files here. Some cases
 * are told apart by the text of this JDK's exceptions, since they have no types of their own; another JDK may word them
 * differently.
 */
class PluginLayerTest {
    private static final String SERVICES = "META-INF/services/" + Transport.class.getName();
    private static final int MAJOR_VERSION = 7; // the place of the lower byte in a class file

    @TempDir
    private Path folder;

    private record Entry(String path, byte[] bytes) {
        Entry(String path, String text) {
            this(path, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private Path jar(String name, Entry... entries) {
        var jar = folder.resolve(name);
        try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (var entry : entries) {
                out.putNextEntry(new ZipEntry(entry.path()));
                out.write(entry.bytes());
            }
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Entry empty(String path) {
        return new Entry(path, "");
    }

    private static Entry descriptor(String name, AccessFlag how, String... required) {
        return new Entry(
                "module-info.class", ClassFile.of().buildModule(ModuleAttribute.of(ModuleDesc.of(name), module -> {
                    module.requires(ModuleDesc.of("java.base"), Set.of(AccessFlag.MANDATED), null);
                    for (var each : required) {
                        module.requires(ModuleDesc.of(each), Set.of(how), null);
                    }
                })));
    }

    /** Make a plugin without faults. */
    @BeforeEach
    void plugin() {
        jar("plugin.jar", empty("plugin/Provider.class"), new Entry(SERVICES, "plugin.Provider"));
    }

    private PluginLayer load() {
        var options = new PluginOptions(List.of(), List.of(), OnError.FAIL, Set.of(), false, null);
        return PluginLayer.of(PluginSource.of(folder), options);
    }

    private void assertSays(String... parts) {
        assertThatThrownBy(this::load).isInstanceOf(PluginException.class).hasMessageContainingAll(parts);
    }

    @Test
    void whatFitsIsLoaded() {
        jar("more.jar", descriptor("more", AccessFlag.STATIC_PHASE, "lib.gone"), empty("more/More.class"));
        jar("other.jar", descriptor("other", AccessFlag.TRANSITIVE, "more", "java.sql"), empty("other/Other.class"));

        assertThat(load().source().name()).isEqualTo(folder.getFileName().toString());
    }

    @Test
    void aMissingModuleIsNamed() {
        jar("more.jar", descriptor("more", AccessFlag.TRANSITIVE, "java.sql", "lib.gone"), empty("more/More.class"));

        assertSays("module lib.gone, which more requires, is missing; put its JAR into the plugin's folder");
        assertThatThrownBy(this::load).hasMessageNotContaining("JDK");
    }

    @Test
    void aMissingPartOfTheJdkIsToldAsSuch() {
        jar("more.jar", descriptor("more", AccessFlag.TRANSITIVE, "jdk.gone"), empty("more/More.class"));

        assertSays("module jdk.gone, which more requires, is missing", "this image lacks that part of the JDK");
    }

    @Test
    void aSplitPackageIsNamed() {
        jar("more.jar", empty("plugin/More.class"));

        assertSays("package plugin is in two of its modules", "more", "plugin", "remove one of the JARs");
    }

    @Test
    void theApiInsideAnotherJarIsTold() {
        jar("fat.jar", empty("dev/socketforwarder/api/Transport.class"));

        assertSays("it contains dev.socketforwarder.api, which the server has; leave that out of fat.jar");
    }

    @Test
    void aModuleThatTheServerHasTooIsTold() {
        jar("more.jar", descriptor("java.logging", AccessFlag.TRANSITIVE), empty("more/More.class"));

        assertSays("java.logging", "the server or its Java has that already: leave it out of the plugin");
    }

    @Test
    void aNewerJavaIsNamed() {
        var newer = descriptor("more", AccessFlag.TRANSITIVE);
        newer.bytes()[MAJOR_VERSION] = 99;
        jar("more.jar", newer, empty("more/More.class"));

        assertSays("more.jar was compiled for a newer Java than this one, "
                + Runtime.version().feature());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.jar", "class.jar", "-.jar"})
    void aNameThatNoModuleCanHaveIsTold(String name) {
        jar(name, empty("more/More.class"));

        assertSays(name + " has no valid module name", "rename it");
    }

    @Test
    void aWrongNameInTheManifestIsTold() {
        jar(
                "more.jar",
                new Entry("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nAutomatic-Module-Name: a-b\n"),
                empty("more/More.class"));

        assertSays("more.jar has no valid module name (Automatic-Module-Name: a-b", "correct its manifest");
    }

    @ParameterizedTest
    @CsvSource({"More.class, More.class found in top-level directory", "module-info.class, Bad magic number"})
    void whatCanBeNoModuleIsTold(String entry, String why) {
        jar("more.jar", new Entry(entry, "no class"));

        assertSays("more.jar cannot be a module: " + why, "build it again");
    }

    @Test
    void whatIsNoJarIsTold() throws IOException {
        Files.writeString(folder.resolve("more.jar"), "no archive");

        assertSays("more.jar is not a readable JAR", "copy it again");
    }
}
