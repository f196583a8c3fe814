package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Origin;
import dev.socketforwarder.runtime.config.Setting;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.server.Server;
import dev.socketforwarder.runtime.server.Setup;
import dev.socketforwarder.runtime.server.StartException;
import dev.socketforwarder.runtime.text.Addresses;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts a forwarder on free ports of this machine, lets a few members talk, and shows what each member gets. */
final class DemoCommand {
    private static final Duration GRACE = Duration.ofSeconds(2);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    /** How long a member waits for data: far longer than a delivery on one machine takes, so that later data cannot be for it. */
    private static final Duration PATIENCE = Duration.ofMillis(300);

    private static final String ANY_PORT = "0";

    private final PrintStream out;

    private DemoCommand(PrintStream out) {
        this.out = out;
    }

    static int run(Plugins plugins, PrintStream out) throws InterruptedException {
        var origin = Origin.commandLine("demo");
        var settings = new ArrayList<Setting>();
        settings.add(Setting.text("host-address", "127.0.0.1", origin));
        Inputs.PORTS.forEach(port -> settings.add(Setting.text(port.key(), ANY_PORT, origin)));
        // The user's environment is ignored, since the demo must not join or disturb a real forwarder.
        try (var setup = Setup.of(new Inputs(List.of(), Map.of(), settings), plugins)) {
            setup.requireEndpoint();
            var server = new Server(setup.endpoints().hosted(), System::nanoTime);
            server.start();
            try {
                new DemoCommand(out).show(setup.endpoints().hosted());
            } finally {
                server.stop(GRACE);
            }
            out.println();
            out.println("That was all. Run your own:  socketforwarder 6753 6753");
            return ExitCode.OK;
        } catch (StartException | IOException e) {
            out.println("The demo failed: " + Printable.line(String.valueOf(e.getMessage())));
            return ExitCode.FAILED;
        }
    }

    private void show(List<HostedEndpoint> endpoints) throws IOException, InterruptedException {
        for (var hosted : endpoints) {
            var counters = hosted.context().counters();
            var address = (InetSocketAddress) hosted.endpoint().localAddresses().getFirst();
            switch (hosted.transport().service().protocol()) {
                case TCP -> showStreams(address, counters);
                case UDP -> showDatagrams(address, counters);
                case OTHER -> throw new IllegalStateException(hosted.name() + " uses neither TCP nor UDP");
            }
        }
    }

    private void showStreams(InetSocketAddress address, Counters counters) throws IOException, InterruptedException {
        out.println();
        out.println("TCP, " + Addresses.shown(address) + ": members that name the same group hear each other");
        try (var ann = DemoMember.stream("ann", address, "garden");
                var bob = DemoMember.stream("bob", address, "garden");
                var cem = DemoMember.stream("cem", address, "garden");
                var dot = DemoMember.stream("dot", address, "kitchen")) {
            out.println("  ann, bob and cem join \"garden\", dot joins \"kitchen\"");
            awaitMembers(4, counters);
            tell(ann, "The tomatoes are ripe.", List.of(bob, cem), List.of(dot, ann));
            tell(bob, "Coming!", List.of(ann, cem), List.of(dot, bob));
        }
    }

    private void showDatagrams(InetSocketAddress address, Counters counters) throws IOException, InterruptedException {
        out.println();
        out.println("UDP, " + Addresses.shown(address) + ": each registered member gets what the others send");
        try (var eve = DemoMember.datagrams("eve", address);
                var fay = DemoMember.datagrams("fay", address);
                var gus = DemoMember.datagrams("gus", address)) {
            out.println("  eve, fay and gus register");
            awaitMembers(3, counters);
            tell(eve, "22.5 degrees", List.of(fay, gus), List.of(eve));
            tell(gus, "19.0 degrees", List.of(eve, fay), List.of(gus));
        }
    }

    /** Wait until all clients of the demo are members. The forwarder does not tell a client that it has joined. */
    private static void awaitMembers(int count, Counters counters) throws IOException, InterruptedException {
        long endNs = System.nanoTime() + LONGEST_WAIT.toNanos();
        while (counters.get(Counter.MEMBERS) < count) {
            if (System.nanoTime() - endNs > 0) {
                throw new IOException(
                        "the members of the demo could not join within " + LONGEST_WAIT.toSeconds() + " s");
            }
            Thread.sleep(Duration.ofMillis(5));
        }
    }

    private void tell(DemoMember sender, String text, List<DemoMember> hearers, List<DemoMember> others)
            throws IOException {
        out.println("  " + sender.name() + " sends \"" + text + "\"");
        sender.send(text);
        for (var hearer : hearers) {
            show(hearer, hearer.receive(LONGEST_WAIT));
        }
        for (var other : others) {
            show(other, other.receive(PATIENCE));
        }
    }

    private void show(DemoMember member, String got) {
        out.println("    " + member.name() + (got.isEmpty() ? " gets nothing" : " gets " + Printable.quoted(got)));
    }
}
