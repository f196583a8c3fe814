package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.kit.Glob;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Reloaded;
import dev.socketforwarder.runtime.config.Reloads;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The parts of the running process that the monitor looks at.
 *
 * @param version the version of the program
 * @param started when the process was ready
 * @param file the configuration file, absolute; empty if there is none
 * @param configuration what is in force
 * @param endpoints gives the endpoints that run now
 * @param tappable patterns of the groups whose messages may be shown
 * @param connections the places of all connections
 * @param isDraining tells whether the process stops
 * @param reload reads the configuration again, and applies it
 * @param preview tells what a reload would change
 * @param reloads counts the reloads so far
 * @param drain has the process stop in order, as SIGTERM does
 */
public record Subject(
        String version,
        Instant started,
        Optional<Path> file,
        Supplier<Configuration> configuration,
        Supplier<List<HostedEndpoint>> endpoints,
        GroupRegistry groups,
        Supplier<List<Glob>> tappable,
        Places connections,
        EventLoops loops,
        BooleanSupplier isDraining,
        Runnable drain,
        Supplier<Reloaded> reload,
        Supplier<Reloaded> preview,
        Supplier<Reloads> reloads) {}
