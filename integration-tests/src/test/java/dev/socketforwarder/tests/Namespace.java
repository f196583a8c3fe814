package dev.socketforwarder.tests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * A network namespace, which acts as a host of its own. It has no name (as {@code ip netns} would give it); a process
 * that reads from a pipe of this JVM holds it. So the namespace, its devices and addresses end with this JVM, even if
 * that is killed, or when the last process in it ends. Needs root.
 */
final class Namespace implements AutoCloseable {
    private static final int O_CLOEXEC = 0x80000;
    private static final int CLONE_NEWNET = 0x40000000;
    private static final MethodHandle OPEN =
            function("open", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT), 2);
    private static final MethodHandle CLOSE =
            function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle SETNS =
            function("setns", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private final Process holder;
    private final String path;

    private Namespace(Process holder) {
        this.holder = holder;
        path = "/proc/" + holder.pid() + "/ns/net";
    }

    /** Make one with only a loopback interface, which is up. */
    static Namespace create() {
        var builder = new ProcessBuilder(
                "unshare", "--net", "/bin/sh", "-c", "ip link set lo up && echo ready && exec cat >/dev/null");
        try {
            var holder = builder.redirectErrorStream(true).start();
            try {
                var said = holder.inputReader().readLine();
                if (!"ready".equals(said)) {
                    throw new AssertionError("no network namespace can be made here, which takes root, unshare and ip;"
                            + " -DskipNetworkTests leaves these tests out: " + said);
                }
                return new Namespace(holder);
            } catch (Throwable e) {
                holder.destroyForcibly();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the id of a process in here} */
    long pid() {
        return holder.pid();
    }

    /** {@return the words to put before a command so that it runs in here as the same process} */
    List<String> prefix() {
        return List.of("nsenter", "--net=" + path);
    }

    /** Run a command on this host, with its words separated by spaces; it must succeed. */
    void run(String command) {
        run(command, "");
    }

    /** Run a command that reads {@code input}. */
    void run(String command, String input) {
        var said = attempt(command, input);
        if (!said.isEmpty()) {
            throw new AssertionError(command + ": " + said);
        }
    }

    /** {@return the error output of a command; empty if it succeeded} */
    String attempt(String command, String input) {
        var words = new ArrayList<>(prefix());
        words.addAll(List.of(command.split(" ")));
        try {
            var process = new ProcessBuilder(words).redirectErrorStream(true).start();
            try (var out = process.outputWriter()) {
                out.write(input);
            }
            var said = new BufferedReader(process.inputReader()).lines().collect(Collectors.joining("\n"));
            int rc = process.waitFor();
            return rc == 0 ? "" : "exit code " + rc + ": " + said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Make something in here, such as a socket, which stays in here whoever uses it.
     *
     * <p>Not for virtual threads: to wake one, the thread in here may start a carrier for others, which would then be in here too.
     *
     * @return what was made
     */
    <T> T make(Callable<T> maker) {
        // Each thread has a network namespace; this thread lives as long as the task.
        var task = new FutureTask<>(() -> {
            enter();
            return maker.call();
        });
        Thread.ofPlatform().daemon().name("in-namespace").start(task);
        try {
            return task.get(2 * Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError("nothing came of it", e);
        }
    }

    private void enter() throws IOException {
        try (var arena = Arena.ofConfined()) {
            int fd = (int) OPEN.invokeExact(arena.allocateFrom(path), O_CLOEXEC);
            int rc = (int) SETNS.invokeExact(fd, CLONE_NEWNET);
            // Left open, it would hold the namespace.
            int _ = (int) CLOSE.invokeExact(fd);
            if (rc != 0) {
                throw new IOException("the thread cannot enter " + path);
            }
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** {@return a counter of this host's kernel, such as {@code Udp}, {@code InDatagrams}} */
    long counter(String protocol, String name) {
        var lines = lines("snmp").stream()
                .filter(line -> line.startsWith(protocol + ": "))
                .toList();
        int column = Arrays.asList(lines.get(0).split(" ")).indexOf(name);
        return Long.parseLong(lines.get(1).split(" ")[column]);
    }

    /** {@return how many packets a device has sent; a packet that a device has yet to segment counts once} */
    long sentPackets(String device) {
        var line = lines("dev").stream()
                .map(String::strip)
                .filter(each -> each.startsWith(device + ":"))
                .findFirst()
                .orElseThrow();
        // Eight columns on what was received, then bytes and packets sent.
        return Long.parseLong(line.substring(device.length() + 1).strip().split(" +")[9]);
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of("/proc/" + holder.pid() + "/net/" + file), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("restricted") // only the kernel can move a thread
    private static MethodHandle function(String name, FunctionDescriptor type, int... firstVariadic) {
        var linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().findOrThrow(name);
        var options = Arrays.stream(firstVariadic)
                .mapToObj(Linker.Option::firstVariadicArg)
                .toArray(Linker.Option[]::new);
        return linker.downcallHandle(address, type, options);
    }

    @Override
    public void close() {
        holder.destroyForcibly();
        try {
            holder.waitFor(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
