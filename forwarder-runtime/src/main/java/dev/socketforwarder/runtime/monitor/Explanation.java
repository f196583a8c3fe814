package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.groups.GroupView;
import dev.socketforwarder.runtime.groups.MemberView;
import dev.socketforwarder.runtime.logging.RefusalLog;
import dev.socketforwarder.runtime.text.GroupText;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tells in sentences what an address or a group is now, and what happened to it lately. */
final class Explanation {
    private static final int MOST_LISTED = 20;
    private static final String INDENT = "  ";

    private final Subject subject;
    private final History history;
    private final InstantSource clock;

    Explanation(Subject subject, History history, InstantSource clock) {
        this.subject = subject;
        this.history = history;
        this.clock = clock;
    }

    /** {@return one line for each thing that is known, under headings, the present first; empty if nothing is known} */
    List<String> of(String asked) {
        var about = About.of(asked);
        var members = members(member -> about.isMember(member.name()));
        var groups = subject.groups()
                .groups()
                .filter(group -> group.id().name().equals(asked))
                .toList();
        var events = history.events().stream()
                .filter(event ->
                        about.isMember(event.name()) || event.group().name().equals(asked))
                .toList();
        var refused = history.refusals();
        var closings = events.stream()
                .filter(event -> !about.isMember(event.name())) // what befell an address is among its refusals
                .flatMap(event -> closing(event, refused));
        var refusals = Stream.concat(refused.stream().filter(about::isSource), closings)
                .toList();
        var advised = EnumSet.noneOf(Reason.class);

        var lines = new ArrayList<String>();
        addList(lines, "Members", members, this::lines);
        addList(lines, "Groups", groups, this::lines);
        addList(lines, "Joins and leaves, the latest first", events, event -> lines(event, advised));
        addList(lines, "Refusals and closings, the latest first", refusals, each -> lines(each, about, advised));
        if (refused.stream().anyMatch(about::isOtherPort)) {
            lines.add("Other ports of " + about.host() + " were refused: socketforwarder explain " + about.host());
        }
        return lines;
    }

    /** {@return what was told when a member was closed by its own fault; empty if it left otherwise, or this is forgotten} */
    private static Stream<Refusal> closing(MemberEvent event, List<Refusal> refused) {
        var peer = About.of(event.name());
        return event.left().stream()
                .filter(Reason::isMembersFault)
                .flatMap(reason -> refused.stream()
                        .filter(each -> each.reason() == reason
                                && each.source().equals(peer.host())
                                && each.endpoint().equals(event.endpoint())))
                .flatMap(each -> each.from(peer.port()).stream().map(each::only));
    }

    /** {@return why nothing is known, and which groups have similar names} */
    String unknown(String asked) {
        var similar = similarGroups(asked);
        return "nothing is known of " + Printable.quoted(asked)
                + ": no member and no group is called that, and no join, leave or refusal of it is remembered"
                + (similar.isEmpty() ? "" : "; groups with similar names: " + similar);
    }

    private static <T> void addList(List<String> to, String heading, List<T> all, Function<T, List<String>> lines) {
        if (all.isEmpty()) {
            return;
        }
        to.add(heading + ":");
        all.stream().limit(MOST_LISTED).map(lines).flatMap(Collection::stream).forEach(line -> to.add(INDENT + line));
        if (all.size() > MOST_LISTED) {
            to.add(INDENT + "and " + (all.size() - MOST_LISTED) + " more");
        }
    }

    private List<String> lines(MemberView member) {
        var group = subject.groups()
                .groups()
                .filter(each ->
                        each.id().equals(member.group()) && each.framing().equals(member.framing()))
                .findFirst();
        int self = member.isBridge() ? 0 : 1;
        int others = Math.max(0, group.map(GroupView::members).orElse(self) - self);
        var lines = new ArrayList<String>();
        lines.add(nameOf(member) + (member.isBridge() ? " bridged " : " joined ") + GroupText.of(member.group()) + " "
                + Values.rounded(member.joinedFor()) + " ago as member " + member.id() + "; "
                + (others == 0
                        ? "nobody else is in that group"
                        : "the group has " + Values.counted(others, "other member")));
        lines.add(INDENT + "it " + traffic(member.peer().isPresent(), member.bytesIn(), member.bytesOut()));
        if (member.queuedBytes() > 0) {
            lines.add(INDENT + queued(member) + "; it has lagged for " + Values.rounded(member.laggingFor()));
        }
        if (group.isPresent() && isWaitedFor(member, group.get())) {
            lines.add(INDENT + "the group's senders have waited for it for " + Values.rounded(member.fullFor()));
        }
        if (member.leftOut() > 0) {
            lines.add(INDENT + "it missed " + Values.counted(member.leftOut(), "message"));
        }
        group.ifPresent(given -> lines.addAll(waits(given, member.id())));
        if (others == 0) {
            addSimilar(lines, member.group().name());
        }
        return lines;
    }

    private static String nameOf(MemberView member) {
        return member.endpoint() + " " + member.name();
    }

    /**
     * {@return what went from and to the member} What a peer sends may come from an address that is no member, so "sent
     * nothing" could mislead.
     */
    private static String traffic(boolean isConnection, long bytesIn, long bytesOut) {
        boolean isSender = isConnection || bytesIn > 0;
        return (isSender ? "sent " + some(bytesIn) + " and " : "") + "got " + some(bytesOut);
    }

    private static String some(long bytes) {
        return bytes == 0 ? "nothing" : Values.rounded(bytes);
    }

    private static String queued(MemberView member) {
        return Values.rounded(member.queuedBytes()) + " are queued for it";
    }

    private static boolean isWaitedFor(MemberView member, GroupView group) {
        return group.pausedBy().isPresent() && member.fullFor().isPositive() && !member.isBridge();
    }

    /** {@return for whom the senders of a group wait, apart from one member} */
    private List<String> waits(GroupView group, long exceptFor) {
        if (group.pausedBy().isEmpty()) {
            return List.of();
        }
        var full = membersOf(group).stream()
                .filter(member -> isWaitedFor(member, group))
                .toList();
        if (full.isEmpty()) { // a thread, or the member has just taken something
            return List.of(
                    INDENT + "the group's senders wait for " + group.pausedBy().get());
        }
        return full.stream()
                .filter(member -> member.id() != exceptFor)
                .limit(MOST_LISTED)
                .map(member -> INDENT + "the group's senders have waited for member " + member.id() + " ("
                        + nameOf(member) + ") for " + Values.rounded(member.fullFor()) + ": " + queued(member))
                .toList();
    }

    private List<MemberView> membersOf(GroupView group) {
        return members(
                member -> member.group().equals(group.id()) && member.framing().equals(group.framing()));
    }

    /** {@return the members that match, in the order in which they joined} */
    private List<MemberView> members(Predicate<MemberView> which) {
        return subject.groups()
                .members()
                .filter(which)
                .sorted(Comparator.comparingLong(MemberView::id))
                .toList();
    }

    private List<String> lines(GroupView group) {
        var lines = new ArrayList<String>();
        lines.add(GroupText.named(group.id()) + " (framing " + group.framing() + ") has "
                + Values.counted(group.members(), "member") + "; " + some(group.bytesIn())
                + " came from senders, and its members got " + some(group.bytesOut()));
        if (group.leftOut() > 0) {
            lines.add(INDENT + "its members missed " + Values.counted(group.leftOut(), "message"));
        }
        lines.addAll(waits(group, 0));
        subject.groups()
                .elsewhere(group.id())
                .forEach((name, members) -> lines.add(
                        INDENT + Printable.line(name) + " has " + Values.counted(members, "member") + " of it"));
        addList(
                lines,
                INDENT + "its members",
                membersOf(group),
                member -> List.of(
                        INDENT + (member.isBridge() ? "bridge " : "member ") + member.id() + ": " + nameOf(member)
                                + ", joined "
                                + Values.rounded(member.joinedFor()) + " ago"));
        if (group.members() <= 1) {
            addSimilar(lines, group.id().name());
        }
        return lines;
    }

    private void addSimilar(List<String> lines, String name) {
        var similar = similarGroups(name);
        if (!similar.isEmpty()) {
            lines.add(INDENT + "groups with similar names: " + similar);
        }
    }

    /** {@return the groups whose names look much like this one, which is a frequent mistake} */
    private String similarGroups(String name) {
        return NearNames.of(name, subject.groups().groups().filter(group -> group.members() > 0))
                .limit(MOST_LISTED)
                .map(group -> GroupText.of(group.id()) + " (" + Values.counted(group.members(), "member") + ")")
                .collect(Collectors.joining(", "));
    }

    private List<String> lines(MemberEvent event, Set<Reason> advised) {
        var what = event.left()
                .map(reason -> " left " + GroupText.of(event.group()) + ": " + reason + ", after "
                        + Values.rounded(event.joinedFor()) + "; it "
                        + traffic(false, event.bytesIn(), event.bytesOut())
                        + (event.queuedBytes() > 0
                                ? ", and " + Values.rounded(event.queuedBytes()) + " were unsent"
                                : ""))
                .orElse(" joined " + GroupText.of(event.group()));
        var lines = new ArrayList<String>();
        lines.add(ago(event.time()) + ": " + event.endpoint() + " " + event.name() + what + " ("
                + Values.counted(event.members(), "member") + " then)");
        // A close by the member's fault is among the refusals too.
        event.left().filter(reason -> !reason.isMembersFault()).ifPresent(reason -> advise(lines, reason, advised));
        return lines;
    }

    private List<String> lines(Refusal refusal, About about, Set<Reason> advised) {
        var shown = refusal.from(about.port()).orElse(refusal.latest().getFirst());
        var lines = new ArrayList<String>();
        lines.add(ago(shown.time()) + ": " + refusal.endpoint() + RefusalLog.verb(refusal.reason()) + refusal.source()
                + ": " + refusal.reason()
                + (shown.port() == 0 ? "" : " (port " + shown.port() + ")")
                + (shown.detail().isEmpty() ? "" : ", " + shown.detail())
                + (shown.bytes().isEmpty() ? "" : ": " + shown.bytes()));
        if (refusal.count() > 1) {
            var ports = refusal.latest().stream()
                    .map(Refusal.Case::port)
                    .filter(port -> port != 0)
                    .distinct()
                    .map(String::valueOf)
                    .collect(Collectors.joining(", "));
            lines.add(INDENT + refusal.count() + " times in the last "
                    + Values.rounded(Duration.between(refusal.first(), clock.instant()))
                    + (ports.isEmpty() ? "" : ", lately from port" + (ports.contains(",") ? "s " : " ") + ports));
        }
        advise(lines, refusal.reason(), advised);
        return lines;
    }

    /** Say what to do about a reason, once. */
    private static void advise(List<String> lines, Reason reason, Set<Reason> advised) {
        var remedy = Remedies.of(reason);
        if (!remedy.isEmpty() && advised.add(reason)) {
            lines.add(INDENT + remedy);
        }
    }

    private String ago(Instant time) {
        return Values.rounded(Duration.between(time, clock.instant())) + " ago";
    }
}
