package dev.socketforwarder.runtime;

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
