package dev.socketforwarder.runtime.server;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.admin.AdminEndpoint;
import dev.socketforwarder.runtime.config.Change;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Reloaded;
import dev.socketforwarder.runtime.config.Reloads;
import dev.socketforwarder.runtime.endpoints.Endpoints;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.plugins.PluginException;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.service.ServiceManager;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads the configuration again and applies what has changed, while everything else goes on. A configuration that cannot be used
 * changes nothing. Thread-safe; a reload may take as long as a start.
 */
public final class Reload {
    private static final Logger LOG = System.getLogger(Reload.class.getName());

    private final Inputs inputs;
    private final Current current;
    private final Server server;
    private final AdminEndpoint admin;
    private volatile Reloads reloads = Reloads.NONE;
    private final ServiceManager manager;

    /** Tells that a configuration cannot be used; the message is for the user. */
    private static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String message) {
            super(message);
        }
    }

    /**
     * Make the reload of a server that runs.
     *
     * @param manager is told when a reload begins and ends
     */
    public Reload(Inputs inputs, Current current, Server server, AdminEndpoint admin, ServiceManager manager) {
        this.inputs = inputs;
        this.current = current;
        this.server = server;
        this.admin = admin;
        this.manager = manager;
    }

    /** Uses the configuration that was read again. */
    private interface Use {
        Reloaded use(Map<String, HostedEndpoint> running, Setup fresh) throws Unusable;
    }

    /** {@return what a reload would change now, without changing anything} */
    public Reloaded preview() {
        synchronized (current) {
            return readAgain(this::compare);
        }
    }

    /** Read the configuration again, and apply it. */
    public Reloaded reload() {
        synchronized (current) {
            if (server.isStopping()) {
                LOG.log(Level.INFO, "the configuration is not read again, since the forwarder stops");
                return Reloaded.failed("the forwarder stops");
            }
            LOG.log(Level.INFO, "reading the configuration again");
            manager.reloading();
            try {
                var told = readAgain(this::apply);
                if (told.isDone()) {
                    told.lines().forEach(line -> LOG.log(Level.INFO, line));
                    reloads = reloads.plusDone();
                } else {
                    var why = told.lines().getFirst();
                    LOG.log(Level.ERROR, "the configuration stays as it was: " + why);
                    reloads = reloads.plusFailed(why);
                }
                return told;
            } finally {
                manager.ready();
            }
        }
    }

    private Reloaded readAgain(Use use) {
        try {
            var running = byName(server.running());
            return use.use(running, Setup.beside(inputs, current, name -> counters(running, name)));
        } catch (SettingException | PluginException | UsageException | Unusable e) {
            return Reloaded.failed(e.getMessage());
        }
    }

    private Reloaded compare(Map<String, HostedEndpoint> running, Setup fresh) throws Unusable {
        try {
            fresh.requireEndpoint();
            fresh.load();
        } finally {
            fresh.endpoints().hosted().forEach(hosted -> hosted.context().close());
        }
        requireFramings(running, byName(fresh.endpoints().hosted()));
        var lines = new ArrayList<String>();
        current.configuration().changesTo(fresh.configuration()).forEach(change -> lines.add(change.shown()));
        fresh.needRestart().forEach(key -> lines.add(key + " has changed, which needs a restart"));
        return Reloaded.done(lines);
    }

    /** {@return the reloads so far} */
    public Reloads reloads() {
        return reloads;
    }

    private static Counters counters(Map<String, HostedEndpoint> running, String name) {
        var hosted = running.get(name);
        return hosted == null ? new Counters() : hosted.context().counters();
    }

    private Reloaded apply(Map<String, HostedEndpoint> running, Setup fresh) throws Unusable {
        var wanted = byName(fresh.endpoints().hosted());
        fresh.requireEndpoint();
        fresh.load();
        requireFramings(running, wanted);
        var ofAdmin = changeAdmin(fresh);
        try {
            var told = apply(running, wanted, fresh);
            ofAdmin.keep().run();
            return told;
        } catch (Unusable | RuntimeException | Error e) {
            ofAdmin.undo().run();
            throw e;
        }
    }

    private AdminEndpoint.Change changeAdmin(Setup fresh) throws Unusable {
        try {
            return admin.change(fresh.admin());
        } catch (IOException e) {
            throw new Unusable(e.getMessage());
        }
    }

    private Reloaded apply(Map<String, HostedEndpoint> running, Map<String, HostedEndpoint> wanted, Setup fresh)
            throws Unusable {
        var changes = current.configuration().changesTo(fresh.configuration());
        var added = wanted.values().stream()
                .filter(hosted -> !running.containsKey(hosted.name()))
                .toList();
        var removed = running.values().stream()
                .filter(hosted -> !wanted.containsKey(hosted.name()))
                .toList();
        start(added, removed);
        var lines = new ArrayList<String>();
        changes.forEach(change -> lines.add("changed: " + change.shown()));
        var keys = changes.stream().map(Change::key).toList();
        try {
            lines.addAll(adoptAll(running, wanted, keys));
        } catch (Unusable e) {
            added.forEach(each -> server.remove(each, current.options().gracePeriod()));
            throw e;
        }
        fresh.applyLimits();
        current.adopt(fresh);
        Logging.debug(fresh.options().debug());
        removed.forEach(this::remove);
        fresh.warnings().forEach(line -> LOG.log(Level.WARNING, line));
        fresh.needRestart().forEach(key -> lines.add(key + " has changed, which needs a restart"));
        lines.add(changes.isEmpty() ? "reloaded: nothing has changed" : "reloaded");
        return Reloaded.done(lines);
    }

    private static Map<String, HostedEndpoint> byName(List<HostedEndpoint> endpoints) {
        var all = new LinkedHashMap<String, HostedEndpoint>();
        endpoints.forEach(hosted -> all.put(hosted.name(), hosted));
        return all;
    }

    /** Members of one group must never disagree about its framing, so it stays what it is while they are there. */
    private static void requireFramings(Map<String, HostedEndpoint> running, Map<String, HostedEndpoint> wanted)
            throws Unusable {
        for (var hosted : running.values()) {
            var other = wanted.get(hosted.name());
            if (other != null && !hosted.hasFramingsOf(other)) {
                throw new Unusable("the entries under groups give other framings to groups of " + hosted.name()
                        + ", which needs a restart");
            }
        }
    }

    /** Start all these endpoints or none. */
    private void start(List<HostedEndpoint> added, List<HostedEndpoint> removed) throws Unusable {
        var started = new ArrayList<HostedEndpoint>();
        for (var hosted : added) {
            try {
                server.add(hosted);
                started.add(hosted);
            } catch (StartException e) {
                started.forEach(each -> server.remove(each, current.options().gracePeriod()));
                throw new Unusable(e.getMessage() + hint(removed));
            }
        }
    }

    /** {@return what to do if a new endpoint wants the address of one that this reload would remove, as one under a new name does} */
    private static String hint(List<HostedEndpoint> removed) {
        var names = removed.stream().map(HostedEndpoint::name).collect(Collectors.joining(", "));
        return names.isEmpty()
                ? ""
                : "; an address of " + names + " is free once a reload before this one has removed it";
    }

    /** Have all these endpoints go on with their new settings or none. */
    private List<String> adoptAll(
            Map<String, HostedEndpoint> running, Map<String, HostedEndpoint> wanted, List<String> changed)
            throws Unusable {
        var lines = new ArrayList<String>();
        var done = new ArrayList<String>();
        for (var hosted : running.values()) {
            var other = wanted.get(hosted.name());
            if (other == null) {
                continue;
            }
            try {
                if (!adopt(hosted, other, changed)) {
                    lines.add(hosted.name() + " was started again with its new settings");
                }
                done.add(hosted.name());
            } catch (Unusable e) {
                done.reversed().forEach(name -> takeBack(name, changed));
                throw e;
            }
        }
        return lines;
    }

    /** Give an endpoint its old settings again, since another endpoint cannot use its new ones. */
    private void takeBack(String name, List<String> changed) {
        var hosted = byName(server.running()).get(name);
        if (hosted == null) {
            return; // all endpoints stop
        }
        try {
            adopt(hosted, Endpoints.reopen(current.configuration(), current.shared(), hosted), changed);
        } catch (Unusable | SettingException | PluginException e) {
            LOG.log(Level.ERROR, name + " cannot go back to its old settings: " + e.getMessage());
        }
    }

    /** {@return whether the endpoint goes on with its new settings; false: it was started again with them} */
    private boolean adopt(HostedEndpoint hosted, HostedEndpoint other, List<String> changed) throws Unusable {
        try {
            var before = hosted.endpoint().localAddresses();
            if (hosted.adopt(other, changed)) {
                if (!hosted.endpoint().localAddresses().equals(before)) {
                    Server.tellAddresses(hosted);
                }
                return true;
            }
            server.replace(hosted, other, current.options().gracePeriod());
            return false;
        } catch (IOException e) {
            other.context().close();
            throw new Unusable(hosted.name() + " cannot use its new settings: " + e.getMessage());
        } catch (StartException e) {
            throw goBack(hosted, e);
        }
    }

    private Unusable goBack(HostedEndpoint hosted, StartException failure) {
        try {
            server.add(Endpoints.reopen(current.configuration(), current.shared(), hosted));
            return new Unusable(failure.getMessage() + "; " + hosted.name() + " runs with its old settings again");
        } catch (StartException | SettingException | PluginException e) {
            return new Unusable(failure.getMessage() + "; " + hosted.name()
                    + " runs no more, since it does not start again with its old settings: " + e.getMessage());
        }
    }

    private void remove(HostedEndpoint hosted) {
        LOG.log(Level.INFO, hosted.name() + " is not configured any more, and stops");
        var grace = current.options().gracePeriod();
        Thread.ofVirtual().name(hosted.name() + "-remove").start(() -> server.remove(hosted, grace));
    }
}
