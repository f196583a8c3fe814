package dev.socketforwarder.runtime;

import dev.socketforwarder.runtime.commands.Cli;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.plugins.PluginOptions;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.FatalErrors;

/** Where the program begins. */
public final class Main {
    private Main() {}

    /** Run the command line, and exit with its code. */
    public static void main(String[] args) {
        FatalErrors.install();
        Logging.prepare();
        var code = new Cli(
                        System.getenv(),
                        System.getProperty(PluginOptions.HOME, ""),
                        System.out,
                        System.err,
                        Plugins::discover)
                .run(args);
        System.out.flush();
        Logging.drain();
        System.exit(code);
    }
}
