package dev.socketforwarder.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.runtime.policies.CertificateHandshake;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.policies.TokenPolicy;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Provides;
import java.lang.module.ModuleDescriptor.Requires;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ModuleDescriptorTest {
    private static ModuleDescriptor descriptor() throws IOException, URISyntaxException {
        URI classes =
                Main.class.getProtectionDomain().getCodeSource().getLocation().toURI();
        try (var in = Files.newInputStream(Path.of(classes).resolve("module-info.class"))) {
            return ModuleDescriptor.read(in);
        }
    }

    @Test
    void itShowsNothingAndUsesWhatItMay() throws Exception {
        var descriptor = descriptor();

        assertThat(descriptor.name()).isEqualTo("dev.socketforwarder.runtime");
        assertThat(descriptor.isOpen()).isFalse();
        assertThat(descriptor.exports()).isEmpty();
        assertThat(descriptor.opens()).isEmpty();
        assertThat(descriptor.uses())
                .containsExactlyInAnyOrder(Transport.class.getName(), HandshakePolicy.class.getName());
        assertThat(descriptor.requires())
                .extracting(Requires::name)
                .containsExactlyInAnyOrder(
                        "java.base",
                        "dev.socketforwarder.api",
                        "info.picocli",
                        "io.prometheus.metrics.model",
                        "io.prometheus.writer.text",
                        "java.management",
                        "jdk.httpserver",
                        "jdk.net",
                        "jdk.unsupported",
                        "org.apache.logging.log4j",
                        "org.apache.logging.log4j.core",
                        "org.snakeyaml.engine",
                        "tools.jackson.core",
                        "tools.jackson.databind",
                        "tools.jackson.dataformat.yaml");
    }

    @Test
    void itProvidesItsPolicies() throws Exception {
        var provides = descriptor().provides();

        assertThat(provides).extracting(Provides::service).containsExactly(HandshakePolicy.class.getName());
        assertThat(provides.iterator().next().providers())
                .containsExactlyInAnyOrder(
                        CertificateHandshake.class.getName(),
                        PrefixHandshake.class.getName(),
                        TokenPolicy.class.getName());
    }

    @Test
    void theMainClassCanBeStarted() throws Exception {
        assertThat(Main.class.getMethod("main", String[].class).getReturnType()).isEqualTo(void.class);
    }
}
