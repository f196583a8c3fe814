package dev.socketforwarder.runtime.config;

/** Settings that have everything required, to learn which keys their reader knows. */
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
