package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.runtime.groups.GroupView;
import java.util.Comparator;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/** Makes the documents about groups. */
final class GroupDocuments {

    /** The orders in which groups can be listed. */
    enum Order {
        NAME(Comparator.comparing((GroupView group) -> group.id().name())),
        MEMBERS(Comparator.comparingInt(GroupView::members).reversed()),
        RATE(Comparator.comparingDouble((GroupView group) -> group.bytesInPerSecond() + group.bytesOutPerSecond())
                .reversed());

        private final Comparator<GroupView> comparator;

        Order(Comparator<GroupView> first) {
            this.comparator = first.thenComparing(group -> group.id().name());
        }
    }

    private final Subject subject;

    GroupDocuments(Subject subject) {
        this.subject = subject;
    }

    /** {@return a page of the groups whose names contain a text, in either case} */
    ObjectNode list(String contains, Order order, Page page) {
        var part = contains.toLowerCase(Locale.ROOT);
        var all = subject.groups()
                .groups()
                .filter(group -> group.members() > 0)
                .filter(group -> group.id().name().toLowerCase(Locale.ROOT).contains(part))
                .sorted(order.comparator)
                .toList();
        var document = Json.object().put("total", all.size());
        var groups = document.putArray("groups");
        page.of(all).forEach(group -> groups.add(of(group)));
        return document;
    }

    private ObjectNode of(GroupView group) {
        var document = Json.object()
                .put("name", group.id().name())
                .put("ofEndpoint", group.id().ofEndpoint())
                .put("framing", group.framing().toString())
                .put("members", group.members())
                .put("bytesIn", group.bytesIn())
                .put("bytesOut", group.bytesOut());
        document.putObject("rates")
                .put("bytesIn", Json.rounded(group.bytesInPerSecond()))
                .put("bytesOut", Json.rounded(group.bytesOutPerSecond()));
        document.put("leftOut", group.leftOut())
                .put("held", group.heldBytes())
                .put("paced", group.pausedBy().isPresent());
        Json.put(document, "pausedBy", group.pausedBy());
        putElsewhere(document, group.id());
        return document;
    }

    /** Put how many members a group has in other processes. */
    void putElsewhere(ObjectNode to, GroupId group) {
        var elsewhere = to.putObject("elsewhere");
        subject.groups().elsewhere(group).forEach((name, members) -> elsewhere.put(name, members));
    }
}
