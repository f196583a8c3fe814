package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tests the descriptor of the module. */
class ModuleDescriptorTest {

    @Test
    void itProvidesATransportAndShowsNothingElse() throws URISyntaxException {
        var classes = Path.of(UdpTransport.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        var module = ModuleFinder.of(classes)
                .find("dev.socketforwarder.transport.udp")
                .orElseThrow()
                .descriptor();

        assertThat(module.exports()).isEmpty();
        assertThat(module.opens()).isEmpty();
        assertThat(module.uses()).isEmpty();
        assertThat(module.requires().stream().map(Requires::name).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder("java.base", "dev.socketforwarder.api");
        assertThat(module.provides()).singleElement().satisfies(provides -> {
            assertThat(provides.service()).isEqualTo("dev.socketforwarder.api.Transport");
            assertThat(provides.providers()).isEqualTo(List.of(UdpTransport.class.getName()));
        });
        assertThat(new UdpTransport().type()).isEqualTo("udp");
    }
}
