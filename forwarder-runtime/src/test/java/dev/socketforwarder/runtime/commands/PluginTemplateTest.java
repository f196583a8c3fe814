package dev.socketforwarder.runtime.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.runtime.commands.PluginTemplate.Kind;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.testing.Fakes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PluginTemplateTest {
    private static final Path EXAMPLES = Path.of("../examples");

    @TempDir
    private Path parent;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private int write(String name) {
        return write(name, "plugin-template", Kind.STREAMS);
    }

    private int write(String name, String template, Kind kind) {
        return new PluginTemplate(EXAMPLES.resolve(template), kind)
                .write(name, parent, Fakes.plugins(), new PrintStream(out));
    }

    @ParameterizedTest
    @CsvSource({
        "plugin-template, STREAMS, localsocket, SocketTransport",
        "member-template, MEMBER, datagrampeers, DatagramTransport"
    })
    void theNameTakesTheTemplatesPlaceEverywhere(String template, Kind kind, String itsName, String transport)
            throws IOException {
        assertThat(write("my-pipes", template, kind)).isZero();

        var folder = parent.resolve("my-pipes");
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(Files::isRegularFile)).hasSizeGreaterThan(5).allSatisfy(file -> {
                assertThat(file.toString()).doesNotContain(itsName);
                assertThat(Files.readString(file)).doesNotContain(itsName);
            });
        }
        assertThat(folder.resolve("pom.xml")).content().contains("<artifactId>my-pipes</artifactId>");
        assertThat(folder.resolve("src/main/java/module-info.java")).content().contains("module com.example.mypipes {");
        assertThat(folder.resolve("src/main/java/com/example/mypipes/" + transport + ".java"))
                .content()
                .contains("package com.example.mypipes;", "return \"my-pipes\";");
        assertThat(out.toString()).startsWith("my-pipes: a new plugin").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Pipes",
                "my_pipes",
                "../pipes",
                "a/b",
                "-pipes",
                "pipes-",
                "1pipe",
                "int",
                "do-uble",
                "tcp\n",
                "prefix",
                "allow"
            })
    void aBadNameIsRefused(String name) {
        assertThatThrownBy(() -> write(name))
                .isInstanceOf(UsageException.class)
                .message()
                .doesNotContain("\n");
        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void whatIsThereIsLeftAlone() throws IOException {
        Files.writeString(parent.resolve("pipes"), "mine");

        assertThatThrownBy(() -> write("pipes"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("pipes exists already");
        assertThat(parent.resolve("pipes")).content().isEqualTo("mine");
    }
}
