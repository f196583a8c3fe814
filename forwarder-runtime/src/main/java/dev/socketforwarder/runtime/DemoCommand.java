package dev.socketforwarder.runtime;

import java.io.PrintStream;

final class DemoCommand {
    private DemoCommand() {}

    static int run(PrintStream out) {
        return ExitCode.OK;
    }
}
