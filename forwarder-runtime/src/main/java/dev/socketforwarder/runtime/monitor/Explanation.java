package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.runtime.groups.GroupView;
import dev.socketforwarder.runtime.groups.MemberView;
import dev.socketforwarder.runtime.text.GroupText;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Spelling;
import dev.socketforwarder.runtime.text.Values;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tells in sentences what happened lately to an address or in a group. */
final class Explanation {
    private static final int MOST_EVENTS = 20;
    private static final int MOST_MEMBERS = 20;
    private static final int NEAR = 2; // letters
    // Whoever asks must not keep a processor busy for long: comparing long names takes the square of their length.
    private static final int MOST_COMPARED = 20_000;
    private static final int LONGEST_COMPARED = 64;

    private final Subject subject;
    private final History history;
    private final InstantSource clock;

    Explanation(Subject subject, History history, InstantSource clock) {
        this.subject = subject;
        this.history = history;
        this.clock = clock;
    }

    /** {@return one line for each thing that is known, the present state first} */
    List<String> of(String about) {
        var lines = new ArrayList<String>();
        subject.groups()
                .members()
                .filter(member -> isOf(member, about))
                .limit(MOST_MEMBERS)
                .forEach(member -> lines.addAll(present(member)));
        groupsNamed(about).forEach(group -> lines.addAll(present(group)));
        lines.addAll(events(about));
        history.refusals().stream()
                .filter(refusal ->
                        refusal.source().equals(about) || refusal.source().equals(hostOf(about)))
                .limit(MOST_EVENTS)
                .forEach(refusal -> lines.addAll(past(refusal)));
        if (lines.isEmpty()) {
            lines.add("Nothing is known of " + Printable.quoted(about)
                    + ": it is no member and no group, and no join, leave or refusal of it is among the latest");
            lines.addAll(nearGroups(about));
        }
        return lines;
    }

    private static boolean isOf(MemberView member, String about) {
        return member.name().equals(about) || hostOf(member.name()).equals(about);
    }

    /** {@return the address without its port, as sources of refusals are written} */
    private static String hostOf(String address) {
        int colon = address.lastIndexOf(':');
        boolean isBare = colon < 0 || address.indexOf(':') != colon && !address.startsWith("[");
        var host = isBare ? address : address.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private List<GroupView> groupsNamed(String name) {
        return subject.groups()
                .groups()
                .filter(group -> group.id().name().equals(name))
                .toList();
    }

    private List<String> present(MemberView member) {
        var lines = new ArrayList<String>();
        int others = groupsNamed(member.group().name()).stream()
                .filter(group -> group.id().equals(member.group()))
                .mapToInt(GroupView::members)
                .sum();
        lines.add(member.endpoint() + " " + member.name() + " is member " + member.id() + " of "
                + GroupText.of(member.group()) + " for " + Values.rounded(member.joinedFor()) + "; "
                + others(others - 1) + "; it sent " + Values.rounded(member.bytesIn()) + " and got "
                + Values.rounded(member.bytesOut()));
        if (member.queuedBytes() > 0) {
            lines.add("  " + Values.rounded(member.queuedBytes()) + " wait for it, and it has lagged for "
                    + Values.rounded(member.laggingFor()));
        }
        member.pausedBy().ifPresent(by -> lines.add("  it must wait with sending, since " + by + " lags"));
        if (member.leftOut() > 0) {
            lines.add("  " + member.leftOut() + " messages were left out for it");
        }
        if (others <= 1) {
            lines.addAll(nearGroups(member.group().name()));
        }
        return lines;
    }

    private static String others(int others) {
        return switch (others) {
            case 0 -> "nobody else is in that group";
            case 1 -> "one other is in that group";
            default -> others + " others are in that group";
        };
    }

    private List<String> present(GroupView group) {
        var lines = new ArrayList<String>();
        lines.add("Group " + GroupText.of(group.id()) + " (framing " + group.framing() + ") has "
                + (group.members() == 1 ? "1 member" : group.members() + " members") + "; they sent "
                + Values.rounded(group.bytesIn()) + " and got " + Values.rounded(group.bytesOut())
                + (group.leftOut() > 0 ? "; " + group.leftOut() + " messages were left out" : ""));
        if (group.isPaced()) {
            lines.add("  its senders wait for a member that lags (socketforwarder members shows which)");
        }
        subject.groups()
                .members()
                .filter(member -> member.group().equals(group.id()))
                .limit(MOST_MEMBERS)
                .forEach(member -> lines.add("  member " + member.id() + ": " + member.endpoint() + " " + member.name()
                        + ", for " + Values.rounded(member.joinedFor())));
        if (group.members() <= 1) {
            lines.addAll(nearGroups(group.id().name()));
        }
        return lines;
    }

    /** {@return the groups whose names look much like this one, which is a frequent mistake} */
    private List<String> nearGroups(String name) {
        if (name.length() > LONGEST_COMPARED) {
            return List.of();
        }
        return subject.groups()
                .groups()
                .limit(MOST_COMPARED)
                .filter(group -> group.members() > 0 && isNear(group.id().name(), name))
                .limit(MOST_EVENTS)
                .map(group -> "  note that there is a group " + GroupText.of(group.id()) + " with "
                        + (group.members() == 1 ? "1 member" : group.members() + " members"))
                .toList();
    }

    private static boolean isNear(String one, String other) {
        if (one.equals(other)) {
            return false;
        }
        var a = one.strip().toLowerCase(Locale.ROOT);
        var b = other.strip().toLowerCase(Locale.ROOT);
        return a.equals(b)
                || Math.abs(a.length() - b.length()) <= NEAR
                        && Math.min(a.length(), b.length()) > NEAR
                        && Spelling.distance(a, b) <= NEAR;
    }

    private List<String> events(String about) {
        return history.events().stream()
                .filter(event -> isOf(event.member(), about)
                        || event.member().group().name().equals(about))
                .limit(MOST_EVENTS)
                .map(this::past)
                .toList();
    }

    private String past(MemberEvent event) {
        var member = event.member();
        var what = event.left()
                .map(reason -> " left " + GroupText.of(member.group()) + ": " + reason + ", after "
                        + Values.rounded(member.joinedFor()) + ", having sent " + Values.rounded(member.bytesIn())
                        + " and got " + Values.rounded(member.bytesOut())
                        + (member.queuedBytes() > 0
                                ? ", with " + Values.rounded(member.queuedBytes()) + " unsent"
                                : ""))
                .orElse(" joined " + GroupText.of(member.group()));
        return ago(event.time()) + ": " + member.endpoint() + " " + member.name() + what + " ("
                + (event.members() == 1 ? "1 member" : event.members() + " members") + " then)";
    }

    private List<String> past(Refusal refusal) {
        var lines = new ArrayList<String>();
        lines.add(ago(refusal.last()) + ": " + refusal.endpoint() + " refused " + refusal.source() + ": "
                + refusal.reason()
                + (refusal.detail().isEmpty() ? "" : ", " + refusal.detail())
                + (refusal.bytes().isEmpty() ? "" : ": " + refusal.bytes())
                + (refusal.count() > 1 ? " (" + refusal.count() + " times)" : ""));
        Optional.of(Remedies.of(refusal.reason()))
                .filter(remedy -> !remedy.isEmpty())
                .ifPresent(remedy -> lines.add("  " + remedy));
        return lines;
    }

    private String ago(Instant time) {
        long seconds = Math.max(0, ChronoUnit.SECONDS.between(time, clock.instant()));
        return seconds < 120 ? seconds + " s ago" : seconds / 60 + " min ago";
    }
}
