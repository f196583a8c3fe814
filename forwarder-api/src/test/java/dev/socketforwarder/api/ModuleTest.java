package dev.socketforwarder.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ModuleTest {
    private final ModuleDescriptor descriptor = ModuleFinder.of(Path.of("target/classes"))
            .find("dev.socketforwarder.api")
            .orElseThrow()
            .descriptor();

    @Test
    void itExportsAllItsPackagesToAll() {
        assertThat(descriptor.packages())
                .containsExactlyInAnyOrder(
                        "dev.socketforwarder.api",
                        "dev.socketforwarder.api.annotation",
                        "dev.socketforwarder.api.buffer",
                        "dev.socketforwarder.api.kit");
        assertThat(descriptor.exports()).allMatch(e -> !e.isQualified());
        assertThat(descriptor.exports())
                .extracting(Exports::source)
                .containsExactlyInAnyOrderElementsOf(descriptor.packages());
        assertThat(descriptor.opens()).isEmpty();
    }

    @Test
    void itRequiresNothingButTheBase() {
        assertThat(descriptor.requires()).extracting(Requires::name).containsExactly("java.base");
    }
}
