package dev.socketforwarder.runtime.config;

import java.util.List;
import java.util.Optional;

/** Reads an entry under {@code groups:} for one endpoint. A key that the entry lacks has the endpoint's value. */
final class GroupSettings extends SettingsView {
    private final SettingsView ofEndpoint;

    GroupSettings(Configuration configuration, String prefix, SettingsView ofEndpoint) {
        super(configuration, prefix, configuration.placeOf(prefix.substring(0, prefix.length() - 1)));
        this.ofEndpoint = ofEndpoint;
    }

    @Override
    public Optional<Setting> find(String key) {
        var own = findOwn(key);
        return own.isPresent() || !Keys.OF_GROUPS.contains(key) ? own : ofEndpoint.find(key);
    }

    @Override
    void use(String key, Origin origin, List<String> values, boolean isList) {
        if (findOwn(key).isPresent()) { // the endpoint's own values are recorded there
            super.use(key, origin, values, isList);
        }
    }
}
