package dev.socketforwarder.runtime.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.commands.Holders.Holder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HoldersTest {
    private static final String OURS = "/opt/java\0-m\0dev.socketforwarder.runtime/dev.socketforwarder.runtime.Main\0";

    @TempDir
    private Path processes;

    private Path process(int pid, String command, String... open) throws IOException {
        var process = Files.createDirectory(processes.resolve(Integer.toString(pid)));
        Files.writeString(process.resolve("cmdline"), command);
        var files = Files.createDirectory(process.resolve("fd"));
        for (int i = 0; i < open.length; i++) {
            Files.createSymbolicLink(files.resolve(Integer.toString(i)), Path.of(open[i]));
        }
        return process;
    }

    private Holder holder(String... inodes) throws IOException {
        return new Holders(processes, 9).of(Set.of(inodes));
    }

    @Test
    void aSocketIsOursIfAProcessOfThisProgramHasItOpen() throws IOException {
        process(1, "init\0", "socket:[11]");
        process(2, OURS, "/dev/null", "socket:[22]");
        process(9, "", "socket:[99]");
        Files.createDirectory(processes.resolve("net"));

        assertThat(holder()).isEqualTo(Holder.NOBODY);
        assertThat(holder("22")).isEqualTo(Holder.OURS);
        assertThat(holder("11", "22")).as("they share a port").isEqualTo(Holder.OURS);
        assertThat(holder("99")).as("the process itself").isEqualTo(Holder.OURS);
        assertThat(holder("11")).isEqualTo(Holder.OTHERS);
        assertThat(holder("33")).isEqualTo(Holder.OTHERS);
    }

    @Test
    void whatCannotBeSeenIsNotKnownWhereThisProgramRunsAtAll() throws IOException {
        var other = process(1, "init\0");
        Files.delete(other.resolve("fd"));
        assertThat(holder("11")).isEqualTo(Holder.OTHERS);

        var hidden = process(2, OURS);
        Files.delete(hidden.resolve("fd")); // as if the files were those of another user's process
        assertThat(holder("11")).isEqualTo(Holder.UNKNOWN);
    }

    @Test
    void theKernelTellsWhoseAPortIs() throws IOException {
        var loopback = InetAddress.getLoopbackAddress();
        var nobody = Long.MAX_VALUE;
        try (var server = new ServerSocket(0, 1, loopback)) {
            var tables = Path.of("/proc/net");
            int port = server.getLocalPort();
            assertThat(new KernelSockets().holder(Protocol.TCP, loopback, port)).isEqualTo(Holder.OURS);
            assertThat(new KernelSockets(tables, new Holders(Path.of("/proc"), nobody))
                            .holder(Protocol.TCP, loopback, port))
                    .isIn(Holder.OTHERS, Holder.UNKNOWN); // another user may be running a forwarder on this machine
        }
    }
}
