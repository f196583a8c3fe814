package dev.socketforwarder.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Provides;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the descriptor of the module. */
class ModuleTest {
    private final ModuleDescriptor descriptor = ModuleFinder.of(Path.of("target/classes"))
            .find("dev.socketforwarder.transport.websocket")
            .orElseThrow()
            .descriptor();

    @Test
    void itExportsAndOpensNothing() {
        assertThat(descriptor.exports()).isEmpty();
        assertThat(descriptor.opens()).isEmpty();
        assertThat(descriptor.packages()).containsExactly("dev.socketforwarder.transport.websocket");
    }

    @Test
    void itRequiresNothingButTheApiAndNetty() {
        assertThat(descriptor.requires())
                .extracting(Requires::name)
                .allMatch(name -> name.equals("java.base")
                        || name.equals("dev.socketforwarder.api")
                        || name.startsWith("io.netty."));
    }

    @Test
    void itProvidesTheTransport() {
        assertThat(descriptor.provides())
                .singleElement()
                .extracting(Provides::service, Provides::providers)
                .containsExactly("dev.socketforwarder.api.Transport", List.of(WebSocketTransport.class.getName()));
        assertThat(new WebSocketTransport().type()).isEqualTo("websocket");
    }
}
