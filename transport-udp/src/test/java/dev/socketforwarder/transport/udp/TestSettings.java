package dev.socketforwarder.transport.udp;

import dev.socketforwarder.testkit.MapSettings;
import java.util.Map;

/** Settings that a test sets one by one. */
public final class TestSettings extends MapSettings {

    public TestSettings() {
        super(Map.of());
    }

    @Override
    public TestSettings set(String key, Object value) {
        super.set(key, value);
        return this;
    }
}
