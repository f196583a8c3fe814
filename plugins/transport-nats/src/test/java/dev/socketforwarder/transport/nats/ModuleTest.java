package dev.socketforwarder.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Provides;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Tests the descriptor of the module. */
class ModuleTest {
    private final ModuleDescriptor descriptor = ModuleFinder.of(Path.of("target/classes"))
            .find("dev.socketforwarder.transport.nats")
            .orElseThrow()
            .descriptor();

    @Test
    void itExportsAndOpensNothing() {
        assertThat(descriptor.exports()).isEmpty();
        assertThat(descriptor.opens()).isEmpty();
        assertThat(descriptor.packages()).containsExactly("dev.socketforwarder.transport.nats");
    }

    @Test
    void itRequiresNothingButTheApiAndTheClient() {
        assertThat(descriptor.requires())
                .extracting(Requires::name)
                .containsExactlyInAnyOrder("java.base", "dev.socketforwarder.api", "io.nats.jnats");
    }

    @Test
    void itProvidesTheTransport() {
        assertThat(descriptor.provides())
                .singleElement()
                .extracting(Provides::service, Provides::providers)
                .containsExactly("dev.socketforwarder.api.Transport", java.util.List.of(NatsTransport.class.getName()));
        assertThat(new NatsTransport().type()).isEqualTo("nats");
    }
}
