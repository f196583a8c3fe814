package dev.socketforwarder.runtime.rules;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Rates;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.kit.Glob;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.SettingsView;
import dev.socketforwarder.runtime.groups.GroupRules;
import dev.socketforwarder.runtime.groups.MemberRules;
import dev.socketforwarder.runtime.groups.SlowMember;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.text.Values;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The configured rules for the groups that members of one endpoint create. Thread-safe. */
public final class GroupTable {

    /** The rules for the groups whose names match. */
    public record Entry(List<Glob> names, GroupRules rules) {}

    private enum Kind {
        RAW,
        LINE,
        LENGTH_PREFIXED,
        DELIMITER
    }

    private enum Order {
        BIG,
        LITTLE
    }

    /** The table without any configuration. */
    public static final GroupTable DEFAULT = new GroupTable(List.of(), GroupRules.raw(FlowLimits.DEFAULT));

    private static final String FIRST_MESSAGE = "first-message";
    private static final String HEX = "0x";
    private static final int LARGEST_MESSAGE = 256 << 20;
    private static final long LARGEST_MARK = 1 << 30;
    private static final List<String> NOTHING = List.of("", "0"); // how "config" prints an unset key
    private static final int MOST_MEMBERS = 10_000_000;
    private static final long FASTEST = 1L << 40;
    private static final int LONGEST_REPLY = 1_024;
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Duration SHORTEST = Duration.ofMillis(100);

    private final List<Entry> entries;
    private final GroupRules others;
    private final GlobIndex index;

    /**
     * Make a table.
     *
     * @param entries the entries of {@code groups:}; the first that matches applies
     * @param others the rules for all other groups
     */
    public GroupTable(List<Entry> entries, GroupRules others) {
        this.entries = entries;
        this.others = others;
        this.index = new GlobIndex(entries.stream().map(Entry::names).toList());
    }

    /** {@return the rules for all groups that no entry matches} */
    public GroupRules others() {
        return others;
    }

    /** Read the table for one endpoint. */
    public static GroupTable read(Configuration configuration, SettingsView ofEndpoint) {
        var entries = new ArrayList<Entry>();
        var settings = new ArrayList<SettingsView>();
        for (var name : configuration.groupNames()) {
            var entry = configuration.group(name, ofEndpoint);
            settings.add(entry);
            entries.add(new Entry(names(entry, name), rules(entry)));
        }
        var table = new GroupTable(List.copyOf(entries), rules(ofEndpoint));
        for (int i = 0; i < settings.size(); i++) {
            table.warnOfHidden(i, settings.get(i));
        }
        return table;
    }

    private static List<Glob> names(SettingsView entry, String name) {
        var globs =
                entry.list(Keys.MATCH, List.of(name)).stream().map(Glob::new).toList();
        if (globs.isEmpty()) {
            throw entry.invalid(Keys.MATCH, "", "at least one group id or pattern: the entry applies to no group");
        }
        return globs;
    }

    private void warnOfHidden(int number, SettingsView entry) {
        for (var glob : entries.get(number).names()) {
            // The pattern is matched like a name; only a star of the other pattern can match its star.
            if (index.first(glob.pattern()) < number) {
                entry.warn(
                        Keys.MATCH,
                        glob.pattern(),
                        "which an earlier entry matches too: this entry never applies to it");
            }
        }
    }

    /** {@return the configured entries, in their order} */
    public List<Entry> entries() {
        return entries;
    }

    /** {@return the rules for a group; no entry matches the group of an endpoint} */
    public GroupRules of(GroupId group) {
        int first = group.ofEndpoint() ? GlobIndex.NONE : index.first(group.name());
        return first == GlobIndex.NONE ? others : entries.get(first).rules();
    }

    /** {@return whether both tables surely give each group the same framing} */
    public boolean hasFramingsOf(GroupTable other) {
        return framings().equals(other.framings());
    }

    /** {@return each framing with the names that it is for, without last entries whose framing is that of all other groups} */
    private List<Object> framings() {
        var framings = new ArrayList<Object>();
        for (var entry : entries) {
            framings.add(List.of(entry.names(), entry.rules().framing()));
        }
        for (int i = entries.size() - 1;
                i >= 0 && entries.get(i).rules().framing().equals(others.framing());
                i--) {
            framings.removeLast();
        }
        framings.add(others.framing());
        return framings;
    }

    /**
     * Let a line feed end the first messages of a stream endpoint if its members may join framed groups, so that messages are
     * told apart from the first one on.
     *
     * @throws dev.socketforwarder.api.SettingException if the endpoint is told otherwise
     */
    public void requireLines(SettingsView settings) {
        var framed = Stream.concat(entries.stream().map(Entry::rules), Stream.of(others))
                .filter(rules -> rules.framing().isFramed())
                .findFirst();
        if (framed.isEmpty()) {
            return;
        }
        var why = "since there are groups with framing " + framed.get().framing();
        settings.imply(FIRST_MESSAGE, Values.label(PrefixHandshake.FirstMessage.LINE), why);
        if (settings.choice(FIRST_MESSAGE, PrefixHandshake.FirstMessage.AUTO) != PrefixHandshake.FirstMessage.LINE) {
            throw settings.invalid(FIRST_MESSAGE, "auto", "line, " + why);
        }
    }

    /**
     * Require that an endpoint without connections sets nothing that applies to connections only. What is set for a group or at the
     * top level does not concern the endpoint.
     *
     * @throws dev.socketforwarder.api.SettingException if the endpoint sets such a key
     */
    public static void refuseRulesOfStreams(SettingsView settings) {
        for (var key : Keys.OF_STREAMS) {
            refuse(settings, key, NOTHING, "set for an endpoint with connections, for a group, or at the top level");
        }
    }

    /**
     * Require that a datagram endpoint does not set how the first message of a connection ends, which its policies read too.
     *
     * @throws dev.socketforwarder.api.SettingException if the endpoint sets it
     */
    public static void refuseFirstMessage(SettingsView settings) {
        var unset = List.of("", Values.label(PrefixHandshake.FirstMessage.AUTO));
        refuse(settings, FIRST_MESSAGE, unset, "set for an endpoint with connections, or at the top level");
    }

    private static void refuse(SettingsView settings, String key, List<String> unset, String allowed) {
        var said = settings.findMisplaced(key).isPresent() ? settings.text(key, "") : "";
        if (!unset.contains(said)) {
            throw settings.invalid(key, said, allowed);
        }
        settings.disregard(key);
    }

    private static GroupRules rules(Settings settings) {
        return rules(settings, framing(settings), flow(settings));
    }

    /** {@return the rules that the settings give, with this framing and these limits} */
    public static GroupRules rules(Settings settings, Framing framing, FlowLimits flow) {
        int max = (int) settings.size("max-message-size", GroupRules.DEFAULT_MAX_MESSAGE, 1, LARGEST_MESSAGE);
        var timeout = settings.duration("message-timeout", GroupRules.DEFAULT_MESSAGE_TIMEOUT, SHORTEST, LONGEST);
        var slow = settings.choice("slow-member", SlowMember.PACE);
        if (slow == SlowMember.DROP && !framing.isFramed()) {
            throw settings.invalid(
                    "slow-member",
                    "drop",
                    "pace or disconnect where framing is raw: bytes without messages have no gaps");
        }
        var notice = gapNotice(settings, framing, max);
        return new GroupRules(framing, max, timeout, slow, flow, notice, members(settings, framing, max));
    }

    private static MemberRules members(Settings settings, Framing framing, int maxMessageSize) {
        return new MemberRules(
                settings.number("max-group-members", MemberRules.DEFAULT.most(), 1, MOST_MEMBERS),
                new Rates(settings.size("member-rate", 0, 0, FASTEST), settings.size("group-rate", 0, 0, FASTEST)),
                joinReply(settings, framing, maxMessageSize));
    }

    private static Framing framing(Settings settings) {
        int width = settings.number("length-width", 4, 2, 4);
        if (width == 3) {
            throw settings.invalid("length-width", "3", "2 or 4");
        }
        var order = settings.choice("byte-order", Order.BIG);
        var delimiter = settings.text("delimiter", "");
        return switch (settings.choice("framing", Kind.RAW)) {
            case RAW -> Framing.RAW;
            case LINE -> Framing.LINE;
            case LENGTH_PREFIXED ->
                Framing.lengthPrefixed(width, order == Order.BIG ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
            case DELIMITER -> delimiter(settings, delimiter);
        };
    }

    private static Framing delimiter(Settings settings, String text) {
        var allowed = "1 to " + Framing.LONGEST_DELIMITER + " bytes, as text or as in 0x0d0a";
        try {
            return Framing.delimiter(
                    text.startsWith(HEX)
                            ? HexFormat.of().parseHex(text.substring(HEX.length()))
                            : text.getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException _) {
            throw settings.invalid("delimiter", text, allowed);
        }
    }

    private static FlowLimits flow(Settings settings) {
        var standard = FlowLimits.DEFAULT;
        long high = settings.size("high-water", standard.highWater(), 1, LARGEST_MARK);
        // If only the high mark is lowered, the low mark keeps its ratio.
        long low = settings.size("low-water", Math.min(standard.lowWater(), Math.max(1, high / 4)), 1, high);
        return new FlowLimits(
                high,
                low,
                settings.size("min-drain", standard.minDrain(), 1, LARGEST_MARK),
                settings.duration("stall-timeout", standard.stallTimeout(), SHORTEST, LONGEST));
    }

    private static String gapNotice(Settings settings, Framing framing, int maxMessageSize) {
        var notice = settings.text("gap-notice", "");
        var longest =
                notice.replace(GroupRules.MISSED, Long.toString(Long.MAX_VALUE)).getBytes(StandardCharsets.UTF_8);
        if (!notice.isEmpty() && !(framing.isFramed() && isMessage(longest, framing, maxMessageSize))) {
            throw noMessage(settings, "gap-notice", notice, framing);
        }
        return notice;
    }

    private static Optional<ByteBuffer> joinReply(Settings settings, Framing framing, int maxMessageSize) {
        var key = "join-reply";
        var text = settings.text(key, "");
        // Without framing, the reply is a line.
        var bytes = (framing.isFramed() ? text : text + "\n").getBytes(StandardCharsets.UTF_8);
        if (bytes.length > LONGEST_REPLY || text.chars().anyMatch(Character::isISOControl)) {
            throw settings.invalid(
                    key, text, "a text of less than " + LONGEST_REPLY + " bytes of UTF-8 without control characters");
        }
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (framing.isFramed() && !isMessage(bytes, framing, maxMessageSize)) {
            throw noMessage(settings, key, text, framing);
        }
        return Optional.of(framing.framed(bytes));
    }

    private static boolean isMessage(byte[] text, Framing framing, int maxMessageSize) {
        return text.length <= Math.min(maxMessageSize, framing.largestMessage())
                && framing.fits(ByteBuffer.wrap(text), 0, text.length);
    }

    private static SettingException noMessage(Settings settings, String key, String text, Framing framing) {
        return settings.invalid(key, text, "one message in the group's framing, which is " + framing);
    }
}
