package dev.socketforwarder.runtime.plugins;

/** Says that a plugin is broken or fails. The message is one line that names the plugin and its module. */
public final class PluginException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public PluginException(String message) {
        super(message);
    }

    /** Make an exception with the same message, for an error that the plugin's own code threw. */
    public PluginException(PluginException problem, Throwable cause) {
        super(problem.getMessage(), cause);
    }

    public PluginException(String message, Throwable cause) {
        super(message, cause);
    }
}
