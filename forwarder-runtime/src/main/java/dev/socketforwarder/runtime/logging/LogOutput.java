package dev.socketforwarder.runtime.logging;

import java.io.FileDescriptor;

/** The places where log lines can go. */
public enum LogOutput {
    /** Standard error. */
    STDERR(FileDescriptor.err),
    /** Standard output. */
    STDOUT(FileDescriptor.out);

    private final FileDescriptor descriptor;

    LogOutput(FileDescriptor descriptor) {
        this.descriptor = descriptor;
    }

    FileDescriptor descriptor() {
        return descriptor;
    }
}
