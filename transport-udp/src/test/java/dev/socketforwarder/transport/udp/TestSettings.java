package dev.socketforwarder.transport.udp;

import dev.socketforwarder.testkit.MapSettings;
import java.util.Map;

/** Settings that a test sets one by one. */
final class TestSettings extends MapSettings {

    TestSettings() {
        super(Map.of());
    }

    @Override
    public TestSettings set(String key, Object value) {
        super.set(key, value);
        return this;
    }
}
