package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.kit.Glob;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Reloaded;
import dev.socketforwarder.runtime.config.Reloads;
import dev.socketforwarder.runtime.config.Sources;
import dev.socketforwarder.runtime.config.YamlFile;
import dev.socketforwarder.runtime.endpoints.EndpointContext;
import dev.socketforwarder.runtime.endpoints.EndpointContext.Inheritance;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.logging.RefusalLog;
import dev.socketforwarder.runtime.monitor.Subject;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** Makes objects that many tests need. */
public final class Fakes {
    private Fakes() {}

    public static Plugins plugins(Transport... transports) {
        return Plugins.of(Arrays.asList(transports), List.<HandshakePolicy>of(new PrefixHandshake()));
    }

    /** {@return the configuration of a file with this text} */
    public static Configuration yaml(String text) {
        return new Configuration(new Sources(YamlFile.parse("conf.yaml", text.getBytes(StandardCharsets.UTF_8))
                .values()));
    }

    /** {@return the configuration of all three sources, for the transports tcp and udp} */
    public static Configuration merged(String yaml, Map<String, String> environment, String... assignments) {
        return new Configuration(loaded(yaml, environment, assignments).sources());
    }

    static Inputs.Loaded loaded(String yaml, Map<String, String> environment, String... assignments) {
        var file = YamlFile.parse("conf.yaml", yaml.getBytes(StandardCharsets.UTF_8));
        var overrides = Arrays.stream(assignments).map(Inputs::override).toList();
        return Inputs.merge(new ArrayList<>(file.values()), environment, overrides, Set.of("tcp", "udp"));
    }

    /** {@return a process without endpoints that has these groups, which may all be tapped} */
    public static Subject subject(GroupRegistry groups) {
        return subject(groups, new CountDownLatch(1));
    }

    /** {@return the same; it drains once {@code drain} is counted down} */
    public static Subject subject(GroupRegistry groups, CountDownLatch drain) {
        return new Subject(
                "1",
                Instant.EPOCH,
                Optional.empty(),
                () -> yaml(""),
                List::of,
                groups,
                () -> List.of(new Glob("*")),
                new Places(10),
                new EventLoops(),
                () -> drain.getCount() == 0,
                drain::countDown,
                () -> Reloaded.failed("there is no file"),
                () -> Reloaded.failed("there is no file"),
                () -> Reloads.NONE);
    }

    public static EndpointContext.Shared shared(Plugins plugins) {
        var groups = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
        return new EndpointContext.Shared(
                plugins, groups, new RefusalLog(), 1, new Places(10), new EventLoops(), Inheritance.none());
    }
}
