package dev.socketforwarder.runtime.config;

/** Settings that have a value for each required key, so that all keys of their reader become known. */
public final class RehearsedSettings extends SettingsView {

    public RehearsedSettings(Configuration configuration, String prefix) {
        super(configuration, prefix);
    }

    @Override
    public int required(String key, int min, int max) {
        return find(key).isPresent() ? super.required(key, min, max) : min;
    }

    @Override
    public String requiredText(String key) {
        return find(key).isPresent() ? super.requiredText(key) : "rehearsed";
    }
}
