package dev.socketforwarder.runtime.service;

import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tells the service manager what this process does (sd_notify(3) of systemd), if there is one that listens: {@code
 * $NOTIFY_SOCKET}. A failure is logged once, and costs nothing else. Thread-safe.
 */
public final class ServiceManager implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ServiceManager.class.getName());

    private static final String SOCKET = "NOTIFY_SOCKET";

    private final String path;
    private final Optional<NotifySocket> socket;
    private final Optional<Duration> watchdog;
    private final AtomicBoolean isFailureLogged = new AtomicBoolean();
    private volatile String status = "";
    private volatile boolean stops;

    private ServiceManager(String path, Optional<Duration> watchdog) {
        this.path = path;
        this.socket = open();
        this.watchdog = watchdog;
    }

    /**
     * {@return the service manager that started this process, or one that is not there and is told nothing}
     *
     * @param environment the variables of this process
     * @param pid the number of this process
     */
    public static ServiceManager of(Map<String, String> environment, long pid) {
        return new ServiceManager(environment.getOrDefault(SOCKET, ""), watchdog(environment, pid));
    }

    private static Optional<Duration> watchdog(Map<String, String> environment, long pid) {
        var us = environment.getOrDefault("WATCHDOG_USEC", "");
        boolean isMeant =
                environment.getOrDefault("WATCHDOG_PID", Long.toString(pid)).equals(Long.toString(pid));
        return isMeant && us.matches("[1-9][0-9]{0,14}")
                ? Optional.of(Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(Long.parseLong(us))))
                : Optional.empty();
    }

    private Optional<NotifySocket> open() {
        if (path.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new NotifySocket(path));
        } catch (IOException e) {
            failed(e);
            return Optional.empty();
        }
    }

    /** {@return whether there is a service manager that wants to be told} */
    public boolean listens() {
        return socket.isPresent();
    }

    /** {@return within which time {@link #alive} must be called again and again; empty if nobody watches} */
    public Optional<Duration> watchdog() {
        return socket.flatMap(_ -> watchdog);
    }

    /** Tell that the forwarder serves: after the start, and after each {@link #reloading}. */
    public void ready() {
        if (!stops) { // a reload may end after the stop has begun
            send("READY=1");
        }
    }

    /**
     * Tell that the configuration is being read again. {@link #ready} tells the end, whether the configuration was adopted or
     * not.
     */
    public void reloading() {
        try {
            send("RELOADING=1\nMONOTONIC_USEC=" + (socket.isPresent() ? SystemCalls.monotonicUs() : 0));
        } catch (IOException e) {
            failed(e);
        }
    }

    /**
     * Tell that the forwarder stops.
     *
     * @param longest how long the stop may take, so that the service manager does not kill the process earlier
     */
    public void stopping(Duration longest) {
        stops = true;
        send("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + TimeUnit.NANOSECONDS.toMicros(longest.toNanos()));
    }

    /** Tell in one line what the forwarder does, unless the line is the same as before. */
    public void status(String line) {
        if (!line.equals(status)) {
            status = line;
            send("STATUS=" + Printable.line(line));
        }
    }

    /** Tell that the forwarder does not hang. */
    public void alive() {
        send("WATCHDOG=1");
    }

    private void send(String message) {
        if (socket.isEmpty()) {
            return;
        }
        try {
            socket.get().send(message);
        } catch (IOException e) {
            failed(e);
        }
    }

    private void failed(IOException e) {
        if (isFailureLogged.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "the service manager cannot be told what the forwarder does ({0}={1}): {2}",
                    SOCKET,
                    Printable.line(path),
                    Printable.line(String.valueOf(e.getMessage())));
        }
    }

    @Override
    public void close() {
        socket.ifPresent(open -> {
            try {
                open.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "Could not close the socket to the service manager", e);
            }
        });
    }
}
