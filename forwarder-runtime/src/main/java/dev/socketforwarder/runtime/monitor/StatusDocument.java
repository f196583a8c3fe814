package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.groups.MemberView;
import dev.socketforwarder.runtime.text.Addresses;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Makes the document that tells on one screen what the process does. */
final class StatusDocument {
    private static final int MOST_REFUSALS = 50;
    private static final int MOST_LAGGING = 20;

    private final Subject subject;
    private final Sampler sampler;
    private final History history;
    private final MemberDocuments members;
    private final InstantSource clock;

    StatusDocument(Subject subject, Sampler sampler, History history, MemberDocuments members, InstantSource clock) {
        this.subject = subject;
        this.sampler = sampler;
        this.history = history;
        this.members = members;
        this.clock = clock;
    }

    /** {@return which process this is} */
    ObjectNode self() {
        var document = Json.object()
                .put("version", subject.version())
                .put("pid", ProcessHandle.current().pid());
        Json.put(document, "configuration", subject.file().map(Path::toString));
        return document;
    }

    ObjectNode now() {
        var endpoints = subject.endpoints().get();
        var document = self();
        document.put("started", subject.started().toString())
                .put("uptimeSeconds", Json.seconds(Duration.between(subject.started(), clock.instant())))
                .put("state", subject.isDraining().getAsBoolean() ? "draining" : "running");
        putLimits(document);
        document.put("members", sum(endpoints, Counter.MEMBERS));
        document.put("bridges", subject.groups().bridges());
        putRates(document, endpoints);
        putLoops(document);
        var array = document.putArray("endpoints");
        endpoints.forEach(hosted -> array.add(endpoint(hosted)));
        putRefusals(document);
        var lagging = document.putArray("lagging");
        subject.groups()
                .slow()
                .sorted(Comparator.comparing(MemberView::fullFor)
                        .thenComparing(MemberView::laggingFor)
                        .reversed())
                .limit(MOST_LAGGING)
                .forEach(member -> lagging.add(members.of(member)));
        return document;
    }

    private void putLimits(ObjectNode document) {
        document.putObject("connections")
                .put("taken", subject.connections().taken())
                .put("most", subject.connections().most());
        var groups = subject.groups();
        document.putObject("groups")
                .put("count", groups.places().taken()) // the own groups of endpoints take no place
                .put("most", groups.places().most());
        document.putObject("queue").put("held", groups.heldBytes()).put("most", groups.mostBytes());
    }

    private void putRates(ObjectNode document, List<HostedEndpoint> endpoints) {
        double bytesIn = 0;
        double bytesOut = 0;
        double reads = 0;
        double writes = 0;
        for (var hosted : endpoints) {
            var rates = sampler.rates(hosted.name());
            bytesIn += rates.bytesIn().perSecond();
            bytesOut += rates.bytesOut().perSecond();
            reads += rates.reads().perSecond();
            writes += rates.writes().perSecond();
        }
        document.putObject("rates")
                .put("bytesIn", Json.rounded(bytesIn))
                .put("bytesOut", Json.rounded(bytesOut))
                .put("readsPerSecond", Json.rounded(reads))
                .put("writesPerSecond", Json.rounded(writes));
    }

    private void putLoops(ObjectNode document) {
        var lately = sampler.latelyForwarded();
        if (lately.count() == 0) {
            document.putNull("latency");
        } else {
            document.putObject("latency")
                    .put("p50", Json.seconds(lately.quantile(0.5)))
                    .put("p99", Json.seconds(lately.quantile(0.99)))
                    .put("max", Json.seconds(lately.quantile(1)));
        }
        var loops = document.putArray("loops");
        subject.loops()
                .all()
                .forEach(loop -> loops.addObject()
                        .put("name", loop.name())
                        .put("utilisation", Math.round(sampler.utilisation(loop) * 1_000) / 1_000.0));
    }

    private static long sum(List<HostedEndpoint> endpoints, Counter counter) {
        return endpoints.stream()
                .mapToLong(hosted -> hosted.context().counters().get(counter))
                .sum();
    }

    private ObjectNode endpoint(HostedEndpoint hosted) {
        var counted = hosted.context().counters().snapshot();
        var document = Json.object()
                .put("name", hosted.name())
                .put("type", hosted.transport().name());
        var addresses = document.putArray("addresses");
        hosted.endpoint().localAddresses().forEach(address -> addresses.add(Addresses.shown(address)));
        document.put("connections", counted.get(Counter.CONNECTIONS)).put("members", counted.get(Counter.MEMBERS));
        var rates = sampler.rates(hosted.name());
        document.putObject("rates")
                .put("bytesIn", Json.rounded(rates.bytesIn().perSecond()))
                .put("bytesOut", Json.rounded(rates.bytesOut().perSecond()));
        var counters = document.putObject("counters");
        counted.counters().forEach((counter, value) -> counters.put(counter.label(), value));
        var reasons = document.putObject("reasons");
        counted.reasons().forEach((reason, times) -> {
            if (times != 0) {
                reasons.put(reason.label(), times);
            }
        });
        return document;
    }

    private void putRefusals(ObjectNode document) {
        var refusals = document.putArray("refusals");
        history.refusals().stream().limit(MOST_REFUSALS).forEach(refusal -> refusals.add(of(refusal)));
    }

    /** {@return one refusal, with what to do about it} */
    static ObjectNode of(Refusal refusal) {
        var latest = refusal.latest().getFirst();
        return Json.object()
                .put("endpoint", refusal.endpoint())
                .put("reason", refusal.reason().label())
                .put("source", refusal.source())
                .put("port", latest.port() == 0 ? null : latest.port())
                .put("detail", latest.detail())
                .put("bytes", latest.bytes())
                .put("count", refusal.count())
                .put("first", refusal.first().toString())
                .put("last", latest.time().toString())
                .put("remedy", Remedies.of(refusal.reason()));
    }
}
