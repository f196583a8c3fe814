package dev.socketforwarder.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Prepares a call of {@code bin/socketforwarder}: arguments, environment, configuration file. */
final class Launch {
    /** The assembled image. */
    static final Path HOME =
            Path.of(System.getProperty("socketforwarder.home")).toAbsolutePath().normalize();

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        // A killed test run leaves nothing behind.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> RUNNING.forEach(process -> {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                })));
    }

    /** End a process and its children with the tests, even if the tests are killed. */
    static void endWithTests(Process process) {
        RUNNING.add(process);
        process.onExit().thenRun(() -> RUNNING.remove(process));
    }

    /**
     * Send a signal by its name, such as {@code TERM}.
     *
     * @param target a process, or a group of processes: its number, negative
     * @return whether there was anything to signal
     */
    static boolean signal(String name, long target) {
        try {
            return new ProcessBuilder("bash", "-c", "kill -" + name + " -- " + target)
                            .redirectError(ProcessBuilder.Redirect.DISCARD) // the target may have ended
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Wait for processes that were killed: until they have ended, they may write where a test deletes. */
    static void awaitEnd(Collection<ProcessHandle> killed) {
        try {
            for (var one : killed) {
                one.onExit().get(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (ExecutionException | InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> environment = new TreeMap<>();
    private final List<Path> files = new ArrayList<>();
    private Path home = HOME;
    private String before = ""; // shell commands to run before the program
    private final List<String> prefix = new ArrayList<>();
    private List<String> activation = List.of(); // options of systemd-socket-activate

    /**
     * The result of a command that ended by itself.
     *
     * @param out the lines of standard output
     * @param err the lines of standard error
     */
    record Result(int exitCode, List<String> out, List<String> err) {
        String errText() {
            return String.join("\n", err);
        }

        String outText() {
            return String.join("\n", out);
        }
    }

    private Launch() {}

    /** Call it with {@code arguments}, and with no environment variables for the forwarder. */
    static Launch with(String... arguments) {
        var launch = new Launch();
        launch.arguments.addAll(List.of(arguments));
        return launch;
    }

    /** Call it with both transports on free loopback ports, and with each connection logged. */
    static Launch onFreePorts() {
        return with().env("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1")
                .env("SOCKETFORWARDER_TCP_PORT", "0")
                .env("SOCKETFORWARDER_UDP_PORT", "0")
                .env("SOCKETFORWARDER_DEBUG", "true");
    }

    Launch arg(String argument) {
        arguments.add(argument);
        return this;
    }

    Launch env(String name, String value) {
        environment.put(name, value);
        return this;
    }

    Launch env(Map<String, String> variables) {
        environment.putAll(variables);
        return this;
    }

    /** Add {@code --config} with a file of this content. */
    Launch yaml(String content) {
        try {
            var file = Files.createTempFile("socketforwarder-test", ".yaml");
            files.add(file);
            Files.writeString(file, content);
            return arg("--config").arg(file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Add {@code --config} with a pipe that provides this content once. */
    Launch yamlFromPipe(String content) {
        before += "exec 9< <(printf %s '" + content + "'); ";
        return arg("--config").arg("/dev/fd/9");
    }

    /** Call another copy of the image. */
    Launch home(Path folder) {
        home = folder;
        return this;
    }

    /** Limit its descriptors. */
    Launch descriptors(int most) {
        before += "ulimit -n " + most + "; ";
        return this;
    }

    /** Start it with a signal ignored, as nohup does. */
    Launch ignoring(String signal) {
        before += "trap '' " + signal + "; ";
        return this;
    }

    /** Run it on another host. */
    Launch inside(Namespace host) {
        prefix.addAll(host.prefix());
        return this;
    }

    /** Give this machine another name for this process alone; needs root. */
    Launch onMachine(String name) {
        prefix.addAll(List.of("unshare", "--uts", "/bin/sh", "-c", "hostname \"$0\" && exec \"$@\"", name));
        return this;
    }

    /** Replace a file for this process alone; needs root. */
    Launch withFile(Path file, String place) {
        prefix.addAll(List.of(
                "unshare",
                "--mount",
                "/bin/sh",
                "-c",
                "mount --bind \"$0\" \"$1\" && shift && exec \"$@\"",
                file.toString(),
                place));
        return this;
    }

    /** Preload a library from this machine's library folders. */
    Launch preload(String library) {
        before += "export LD_PRELOAD=" + library(library) + "; ";
        return this;
    }

    private static Path library(String name) {
        try (var folders = Files.list(Path.of("/usr/lib"))) {
            return folders.map(folder -> folder.resolve(name))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + name + " in a folder of /usr/lib: install faketime"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Have the program started by the first traffic at sockets that systemd-socket-activate opens with these options. */
    Launch activated(String... options) {
        activation = List.of(options);
        return this;
    }

    /** Start it again with the same sockets whenever it has ended with 0, as a service manager does. */
    private void addActivation(List<String> command) {
        if (activation.isEmpty()) {
            return;
        }
        command.add("systemd-socket-activate");
        command.addAll(activation);
        command.add("/usr/bin/env"); // since the environment is not passed on
        environment.forEach((name, value) -> command.add(name + "=" + value));
        command.addAll(List.of("/bin/bash", "-c", "while (LISTEN_PID=$BASHPID exec \"$0\" \"$@\"); do :; done"));
    }

    Process startProcess() {
        var command = new ArrayList<>(prefix);
        addActivation(command);
        if (!before.isEmpty()) {
            command.addAll(List.of("/bin/bash", "-c", before + "exec \"$0\" \"$@\""));
        }
        command.add(home.resolve("bin/socketforwarder").toString());
        command.addAll(arguments);
        var builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.toLowerCase().startsWith("socketforwarder"));
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.environment().putAll(environment);
        try {
            var process = builder.start();
            endWithTests(process);
            process.getOutputStream().close();
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Start a forwarder, and wait until it listens. */
    Forwarder start() {
        var forwarder = new Forwarder(startProcess(), List.copyOf(files));
        try {
            forwarder.awaitListening();
            return forwarder;
        } catch (Throwable e) {
            forwarder.close();
            throw e;
        }
    }

    /** Run a command that ends by itself. */
    Result run() {
        var process = startProcess();
        try {
            var out = Lines.of(process.getInputStream());
            var err = Lines.of(process.getErrorStream());
            if (!process.waitFor(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("it does not end; it said:\n" + out + "\n" + err);
            }
            return new Result(process.exitValue(), out.awaitEnd(Forwarder.LIMIT), err.awaitEnd(Forwarder.LIMIT));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            process.destroyForcibly();
            files.forEach(Forwarder::delete);
        }
    }
}
