package dev.socketforwarder.runtime.plugins;

/** A plugin is not as it must be, or fails. Its message is one line that names the plugin and its module. */
public final class PluginException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PluginException(String message) {
        super(message);
    }

    /** Say the same, and that it came of the plugin's own code. */
    public PluginException(PluginException problem, Throwable cause) {
        super(problem.getMessage(), cause);
    }

    public PluginException(String message, Throwable cause) {
        super(message, cause);
    }
}
