package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** What a Java process allocates. */
final class Allocation {
    private static final Pattern THREAD =
            Pattern.compile("^\"(?!Attach Listener).*allocated=(\\d+)([BKMG]) ", Pattern.MULTILINE);

    private Allocation() {}

    /** {@return the bytes that all threads have allocated on the heap since they began, as exact as the JVM tells} */
    static double bytes(long pid) throws IOException {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        var dump = Command.run(jcmd, Long.toString(pid), "Thread.print", "-e");
        return bytes(dump);
    }

    static double bytes(String threadDump) {
        var matcher = THREAD.matcher(threadDump);
        double total = 0;
        while (matcher.find()) {
            total += Long.parseLong(matcher.group(1)) * Math.pow(1024, "BKMG".indexOf(matcher.group(2)));
        }
        return total;
    }
}
