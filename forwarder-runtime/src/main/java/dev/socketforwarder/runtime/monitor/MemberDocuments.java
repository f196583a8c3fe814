package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.runtime.groups.MemberView;
import dev.socketforwarder.runtime.groups.PeerMember;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/** Makes the documents about members. */
final class MemberDocuments {
    private static final Comparator<MemberView> ORDER = Comparator.comparing(
                    (MemberView member) -> member.group().name())
            .thenComparing(member -> member.group().ofEndpoint())
            .thenComparingLong(MemberView::id);

    private final Subject subject;
    private final Sampler sampler;
    private final InstantSource clock;

    MemberDocuments(Subject subject, Sampler sampler, InstantSource clock) {
        this.subject = subject;
        this.sampler = sampler;
        this.clock = clock;
    }

    /** {@return a page of the members and bridges that match, by group, and in each group in the order in which they joined} */
    ObjectNode list(Predicate<MemberView> which, Page page) {
        var all = subject.groups().members().filter(which).sorted(ORDER).toList();
        var document = Json.object()
                .put("total", all.size())
                .put("bridges", all.stream().filter(MemberView::isBridge).count());
        var members = document.putArray("members");
        page.of(all).forEach(member -> members.add(of(member)));
        return document;
    }

    /** {@return the one member, asking the kernel about its connection} */
    ObjectNode of(MemberView member) {
        var document = Json.object()
                .put("id", member.id())
                .put("kind", member.isBridge() ? "bridge" : "member")
                .put("address", member.name())
                .put("endpoint", member.endpoint())
                .put("group", member.group().name())
                .put("groupOfEndpoint", member.group().ofEndpoint())
                .put("framing", member.framing().toString())
                .put("joined", clock.instant().minus(member.joinedFor()).toString())
                .put("bytesIn", member.bytesIn())
                .put("bytesOut", member.bytesOut());
        document.putObject("rates")
                .put("bytesIn", Json.rounded(member.bytesInPerSecond()))
                .put("bytesOut", Json.rounded(member.bytesOutPerSecond()));
        document.put("leftOut", member.leftOut())
                .put("queued", member.queuedBytes())
                .put("slow", member.isSlow())
                .put("laggingSeconds", Json.seconds(member.laggingFor()))
                .put("fullSeconds", Json.seconds(member.fullFor()));
        var transmission = member.peer().flatMap(PeerMember::transmission);
        document.put(
                "kernel",
                transmission.map(PeerMember.Transmission::unacknowledged).orElse(null));
        document.put(
                "acknowledged",
                transmission.map(PeerMember.Transmission::acknowledged).orElse(null));
        var perSecond = sampler.acknowledgedPerSecond(member.id());
        document.put("acknowledgedPerSecond", perSecond.isPresent() ? Json.rounded(perSecond.getAsDouble()) : null);
        Json.put(document, "pausedBy", member.pausedBy());
        Json.put(document, "tls", member.peer().flatMap(PeerMember::tls));
        Json.put(document, "certificate", member.peer().map(PeerMember::peer).flatMap(MemberDocuments::certificate));
        return document;
    }

    private static Optional<String> certificate(Peer peer) {
        return peer.certificates().stream()
                .findFirst()
                .map(first -> first.getSubjectX500Principal().getName());
    }
}
