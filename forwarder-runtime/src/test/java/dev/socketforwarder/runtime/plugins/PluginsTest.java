package dev.socketforwarder.runtime.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.testing.FakeTransport;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.ServiceConfigurationError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests how transports and policies are found and named. */
class PluginsTest {
    private record Policy(String name) implements HandshakePolicy {
        @Override
        public Handshake create(Settings settings) {
            return (_, _, _) -> new Handshake.NeedMore();
        }
    }

    @Test
    void servicesAreFoundByName() {
        var plugins = Plugins.of(List.of(new FakeTransport("b"), new FakeTransport("a")), List.of(new Policy("token")));

        assertThat(plugins.transports().values()).extracting(Plugin::name).containsExactly("a", "b");
        assertThat(plugins.policies()).containsOnlyKeys("token");
        assertThat(plugins.transports().get("a").module()).isEqualTo("(class path)");
        assertThat(plugins.transports().get("a").location()).startsWith("file:");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " ", "TCP", "a.b", "-a", "a--b", "debug", "transports", "a\nb"})
    void aNameMustBeAKey(String name) {
        assertThatThrownBy(() -> Plugins.of(List.of(new FakeTransport(name)), List.of()))
                .isInstanceOf(PluginException.class)
                .hasMessageStartingWith("a transport of module (class path) calls itself ")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> Plugins.of(List.of(), List.of(new Policy(name))))
                .hasMessageStartingWith("a handshake policy of module (class path) calls itself ");
    }

    @Test
    void twoWithOneNameAreAnError() {
        assertThatThrownBy(() -> Plugins.of(List.of(new FakeTransport("a"), new FakeTransport("a")), List.of()))
                .hasMessage(
                        "two modules, (class path) and (class path), have a transport named \"a\"; remove one of them");
    }

    @Test
    void oneThatThrowsIsLeftOut() {
        Transport throwing = new Transport() {
            @Override
            public String type() {
                throw new IllegalStateException("no type today");
            }

            @Override
            public Endpoint open(TransportContext context) {
                throw new IllegalStateException();
            }
        };

        var plugins = Plugins.of(List.of(throwing, new FakeTransport("a")), List.of());

        assertThat(plugins.transports()).containsOnlyKeys("a");
    }

    @Test
    void oneThatCannotBeLoadedIsLeftOut() {
        var plugins = Plugins.of(failing(new ServiceConfigurationError("x"), new FakeTransport("a")), List.of());

        assertThat(plugins.transports()).containsOnlyKeys("a");
    }

    @Test
    void aLoaderThatFailsForEverIsGivenUp() {
        Iterator<Transport> never = new Iterator<>() {
            @Override
            public boolean hasNext() {
                throw new ServiceConfigurationError("x");
            }

            @Override
            public Transport next() {
                throw new NoSuchElementException();
            }
        };

        assertThat(Plugins.of(() -> never, List.of()).transports()).isEmpty();
    }

    /** Throws the errors, and continues. */
    private static Iterable<Transport> failing(Object... outcomes) {
        var all = Arrays.asList(outcomes).iterator();
        return () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public Transport next() {
                var next = all.next();
                if (next instanceof Error error) {
                    throw error;
                }
                return (Transport) next;
            }
        };
    }
}
