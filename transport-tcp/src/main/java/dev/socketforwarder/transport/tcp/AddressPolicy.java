package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.api.kit.Compat;
import dev.socketforwarder.api.kit.Lookups;
import dev.socketforwarder.api.kit.Lookups.Following;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The policy {@code address}: admits connections from preconfigured addresses to their group without a first message,
 * by the first matching rule of {@code preconfig-addresses}.
 */
public final class AddressPolicy implements HandshakePolicy {
    private static final Logger LOG = System.getLogger(AddressPolicy.class.getName());
    private static final String KEY = "preconfig-addresses";

    private final Lookups lookups;
    private final Duration interval;

    /** Make the policy; for {@link java.util.ServiceLoader}. */
    public AddressPolicy() {
        this(NameService.LOOKUPS, NameService.INTERVAL);
    }

    AddressPolicy(Lookups lookups, Duration interval) {
        this.lookups = lookups;
        this.interval = interval;
    }

    @Override
    public String name() {
        return "address";
    }

    @Override
    public Handshake create(Settings settings) {
        var rules = Compat.parseAll(settings, KEY, text -> rule(settings, text));
        unreached(settings, rules).forEach(line -> LOG.log(Level.WARNING, line));
        return new AddressHandshake(rules, lookups, interval);
    }

    /** {@return one line for each rule that admits nobody to its group, because an earlier rule hides it} */
    static List<String> unreached(Settings settings, List<AddressRule> rules) {
        var lines = new ArrayList<String>();
        var exact = new HashMap<String, AddressRule>();
        var blocks = new ArrayList<AddressRule>();
        for (var rule : rules) {
            var same = exact.putIfAbsent(rule.addresses(), rule);
            var earlier = Stream.concat(Stream.ofNullable(same), blocks.stream().filter(each -> each.covers(rule)))
                    .filter(each -> !each.group().equals(rule.group()))
                    .findFirst();
            if (earlier.isPresent()) {
                var right = "for other addresses: an earlier element puts these into group "
                        + earlier.get().group();
                lines.add(settings.invalid(KEY, rule.toString(), right).getMessage());
            }
            if (rule.isWide()) {
                blocks.add(rule);
            }
        }
        return lines;
    }

    private static AddressRule rule(Settings settings, String text) {
        try {
            return AddressRule.parse(text);
        } catch (IllegalArgumentException _) {
            throw settings.invalid(
                    KEY,
                    text,
                    "group:host:port, where group has no colon, host is a name, an address, [an IPv6 address] or a CIDR"
                            + " block without bits behind its prefix, and port is 1 to 65535 or *");
        }
    }

    private static final class AddressHandshake implements Handshake {
        private static final Outcome DECLINED = new Declined(Reason.NOT_ADMITTED);

        private final List<AddressRule> rules;
        private final Lookups lookups;
        private final Duration interval;
        private Optional<Following> following = Optional.empty(); // guarded by this

        AddressHandshake(List<AddressRule> rules, Lookups lookups, Duration interval) {
            this.rules = rules;
            this.lookups = lookups;
            this.interval = interval;
        }

        /** Look names up, and wait for a moment: the start does not need names that are not known yet. */
        @Override
        public synchronized void prepare() {
            var names = rules.stream()
                    .filter(rule -> !rule.isKnown())
                    .map(AddressRule::host)
                    .distinct()
                    .toList();
            if (names.isEmpty()) {
                return;
            }
            lookups.find(names, NameService.PATIENCE).forEach(this::become);
            var unknown = rules.stream()
                    .filter(rule -> !rule.isKnown())
                    .map(AddressRule::host)
                    .distinct()
                    .toList();
            if (!unknown.isEmpty()) {
                LOG.log(
                        Level.WARNING,
                        KEY + ": no address is known yet, and each is admitted as soon as a look-up finds one: "
                                + String.join(", ", unknown));
            }
            following = Optional.of(lookups.follow(names, interval, this::tellMoved));
        }

        private void tellMoved(String host, List<InetAddress> found) {
            if (become(host, found)) {
                var addresses = found.stream().map(AddressText::of).collect(Collectors.joining(", "));
                LOG.log(Level.INFO, KEY + ": " + host + " now resolves to " + addresses);
            }
        }

        private boolean become(String host, List<InetAddress> found) {
            boolean changed = false;
            for (var rule : rules) {
                changed |= rule.host().equals(host) && rule.becomes(found);
            }
            return changed;
        }

        @Override
        public synchronized void close() {
            following.ifPresent(Following::close);
        }

        @Override
        public Outcome consider(Peer peer, ByteBuffer bytes, Arrival arrival) {
            for (var rule : rules) {
                if (peer.remote() instanceof InetSocketAddress address && rule.fits(address)) {
                    return new Admitted(rule.group(), 0);
                }
            }
            return DECLINED;
        }
    }
}
