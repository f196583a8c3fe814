package dev.socketforwarder.transport.tcp;

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
            .find("dev.socketforwarder.transport.tcp")
            .orElseThrow()
            .descriptor();

    @Test
    void itExportsAndOpensNothing() {
        assertThat(descriptor.exports()).isEmpty();
        assertThat(descriptor.opens()).isEmpty();
        assertThat(descriptor.packages()).containsExactly("dev.socketforwarder.transport.tcp");
    }

    @Test
    void itRequiresNothingButTheApi() {
        assertThat(descriptor.requires())
                .extracting(Requires::name)
                .containsExactlyInAnyOrder("java.base", "dev.socketforwarder.api");
    }

    @Test
    void itProvidesTheTransportAndTheAddressPolicy() {
        assertThat(descriptor.provides())
                .containsExactlyInAnyOrder(
                        provides("dev.socketforwarder.api.Transport", TcpTransport.class),
                        provides("dev.socketforwarder.api.HandshakePolicy", AddressPolicy.class));
        assertThat(new TcpTransport().type()).isEqualTo("tcp");
        assertThat(new AddressPolicy().name()).isEqualTo("address");
    }

    private static Provides provides(String service, Class<?> provider) {
        return ModuleDescriptor.newModule("any")
                .packages(java.util.Set.of(provider.getPackageName()))
                .provides(service, java.util.List.of(provider.getName()))
                .build()
                .provides()
                .iterator()
                .next();
    }
}
