package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.FlowLimits;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.GroupRegistry;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What the runtime would give to an endpoint: real groups, settings from a map, and a plain prefix handshake. */
final class TestContext implements TransportContext, AutoCloseable {
    static final String PREFIX = "SOCKETFORWARDER-NEW:";

    private final Map<String, Object> values;
    private final Counters counters = new Counters();
    private final GroupRegistry groups;

    TestContext(Map<String, Object> values) {
        this(values, FlowLimits.DEFAULT);
    }

    TestContext(Map<String, Object> values, FlowLimits limits) {
        this.values = values;
        this.groups = new GroupRegistry(limits, counters);
    }

    @Override
    public String name() {
        return "tcp";
    }

    @Override
    public Settings settings() {
        return new MapSettings(values);
    }

    @Override
    public Groups groups() {
        return groups;
    }

    @Override
    public Handshake handshake(List<String> defaults) {
        var address = new AddressPolicy().create(settings());
        return new Handshake() {
            @Override
            public Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival) {
                return address.consider(peer, bytes, arrival) instanceof Admitted admitted
                        ? admitted
                        : line(bytes, arrival);
            }
        };
    }

    /** The prefix policy's rules, as far as these tests need them. */
    private static Handshake.Outcome line(ByteBuffer bytes, Handshake.Arrival arrival) {
        var text = StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
        int end = text.indexOf('\n');
        if (!text.startsWith(PREFIX.substring(0, Math.min(PREFIX.length(), text.length())))) {
            return new Handshake.Rejected(Reason.WRONG_PREFIX);
        }
        if (end >= 0) {
            return new Handshake.Admitted(text.substring(PREFIX.length(), end), end + 1);
        }
        if (arrival == Handshake.Arrival.FIRST_READ && text.length() > PREFIX.length()) {
            return new Handshake.Admitted(text.substring(PREFIX.length()), text.length());
        }
        return new Handshake.NeedMore();
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending) {
        counters.add(reason, 1);
    }

    @Override
    public int parallelism() {
        return 2;
    }

    @Override
    public void close() {
        groups.close();
    }

    private record MapSettings(Map<String, Object> values) implements Settings {

        @SuppressWarnings("unchecked") // each key is read with the type that the test wrote
        private <T> T value(String key, T fallback) {
            return (T) values.getOrDefault(key, fallback);
        }

        @Override
        public String text(String key, String fallback) {
            return value(key, fallback);
        }

        @Override
        public boolean flag(String key, boolean fallback) {
            return value(key, fallback);
        }

        @Override
        public int number(String key, int fallback, int min, int max) {
            return value(key, fallback);
        }

        @Override
        public int required(String key, int min, int max) {
            if (!values.containsKey(key)) {
                throw new MissingSettingException(key);
            }
            return value(key, 0);
        }

        @Override
        public long size(String key, long fallback, long min, long max) {
            return ((Number) value(key, (Object) fallback)).longValue();
        }

        @Override
        public Duration duration(String key, Duration fallback, Duration min, Duration max) {
            return value(key, fallback);
        }

        @Override
        public <E extends Enum<E>> E choice(String key, E fallback) {
            return value(key, fallback);
        }

        @Override
        public List<String> list(String key, List<String> fallback) {
            return value(key, fallback);
        }

        @Override
        public SettingException invalid(String key, String value, String allowed) {
            return new SettingException(key + ": " + value + ": " + allowed);
        }
    }
}
