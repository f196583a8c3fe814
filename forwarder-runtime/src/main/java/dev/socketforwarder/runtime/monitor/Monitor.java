package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.groups.MemberView;
import dev.socketforwarder.runtime.monitor.Answer.Document;
import dev.socketforwarder.runtime.monitor.Answer.Documents;
import dev.socketforwarder.runtime.monitor.Answer.Done;
import dev.socketforwarder.runtime.monitor.Answer.Failure;
import dev.socketforwarder.runtime.monitor.GroupDocuments.Order;
import dev.socketforwarder.runtime.monitor.Request.BadParameterException;
import dev.socketforwarder.runtime.text.GroupText;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers queries about the running process, and carries out commands. It knows nothing of sockets: the control socket
 * and the admin endpoint bring the requests. Thread-safe; it may take milliseconds, so no event loop may call it.
 */
public final class Monitor {
    private static final Logger LOG = System.getLogger(Monitor.class.getName());
    private static final Pattern KICK = Pattern.compile("members/([0-9]{1,18})/kick");

    private final Subject subject;
    private final Sampler sampler;
    private final StatusDocument status;
    private final GroupDocuments groups;
    private final MemberDocuments members;
    private final Explanation explanation;
    private final InstantSource clock;

    public Monitor(Subject subject, Sampler sampler, History history, InstantSource clock) {
        this.subject = subject;
        this.clock = clock;
        this.sampler = sampler;
        this.groups = new GroupDocuments(subject);
        this.members = new MemberDocuments(subject, sampler, clock);
        this.status = new StatusDocument(subject, sampler, history, members, clock);
        this.explanation = new Explanation(subject, history, clock);
    }

    /**
     * Answer a request, whose sender is entitled to it.
     *
     * @param by who asks, for the log
     */
    public Answer answer(Request request, String by) {
        try {
            return switch (request.method()) {
                case "GET" -> query(request, by);
                case "POST" -> command(request, by);
                default -> new Failure(405, request.method() + " is not understood");
            };
        } catch (BadParameterException e) {
            return new Failure(400, e.getMessage());
        }
    }

    private Answer query(Request request, String by) {
        return switch (request.path()) {
            case "self" -> new Document(status.self());
            case "status" -> new Document(status.now());
            case "groups" ->
                new Document(groups.list(request.text("contains"), order(request.text("sort")), page(request)));
            case "members" -> new Document(members.list(ofGroup(request), page(request)));
            case "sample" -> sample();
            case "configuration" -> new Document(configuration());
            case "history" -> new Document(samples());
            case "tap" -> tap(request, by);
            case "explain" -> explain(request.text("about"));
            default -> unknown(request);
        };
    }

    private Answer command(Request request, String by) {
        var kick = KICK.matcher(request.path());
        if (request.path().equals("drain")) {
            LOG.log(Level.INFO, "draining at the request of " + by);
            return new Done(subject.drain()); // or the answer might not get out any more
        }
        if (request.path().equals("reload")) {
            return reload(by);
        }
        if (!kick.matches()) {
            return unknown(request);
        }
        long id = Long.parseLong(kick.group(1));
        if (!subject.groups().close(id, Reason.KICKED)) {
            return new Failure(404, "there is no member " + id);
        }
        LOG.log(Level.INFO, "member " + id + " is closed at the request of " + by);
        return new Done();
    }

    private Answer reload(String by) {
        LOG.log(Level.INFO, "reloading at the request of " + by);
        var reloaded = subject.reload().get();
        if (!reloaded.isDone()) {
            return new Failure(422, String.join("; ", reloaded.lines()));
        }
        var document = Json.object();
        var lines = document.putArray("lines");
        reloaded.lines().forEach(lines::add);
        return new Document(document);
    }

    private static Failure unknown(Request request) {
        return new Failure(404, "there is no " + Printable.quoted(request.path()));
    }

    private static Page page(Request request) {
        return new Page(
                request.number("offset").orElse(0), request.number("limit").orElse(Integer.MAX_VALUE));
    }

    private static Order order(String text) {
        if (text.isEmpty()) {
            return Order.NAME;
        }
        return Arrays.stream(Order.values())
                .filter(order -> Values.label(order).equals(text))
                .findFirst()
                .orElseThrow(() -> new BadParameterException("sort must be "
                        + Arrays.stream(Order.values()).map(Values::label).collect(Collectors.joining(" or "))));
    }

    private static Predicate<MemberView> ofGroup(Request request) {
        var name = request.text("group");
        if (name.isEmpty()) {
            return _ -> true;
        }
        var ofEndpoint = request.text("ofEndpoint");
        return member -> member.group().name().equals(name)
                && (ofEndpoint.isEmpty()
                        || Boolean.toString(member.group().ofEndpoint()).equals(ofEndpoint));
    }

    private Answer tap(Request request, String by) {
        var name = request.text("group");
        boolean ofEndpoint = request.text("ofEndpoint").equals("true");
        if (!GroupId.isValid(name)) {
            return new Failure(400, "group is missing, or is no name of a group");
        }
        if (subject.tappable().get().stream().noneMatch(glob -> glob.matches(name))) {
            return new Failure(
                    403,
                    "group " + Printable.quoted(name) + " may not be tapped: admin.tap has no pattern that matches");
        }
        var group = new GroupId(name, ofEndpoint);
        var documents =
                new TapDocuments(subject.groups(), group, request.text("format").equals("hex"), clock);
        LOG.log(Level.INFO, "group " + GroupText.of(group) + " is tapped by " + by); // from here on nothing is missed
        return new Documents(documents);
    }

    private Answer explain(String about) {
        if (about.isEmpty()) {
            return new Failure(400, "about is missing: an address or a group");
        }
        var document = Json.object().put("about", about);
        var lines = document.putArray("lines");
        explanation.of(about).forEach(lines::add);
        return new Document(document);
    }

    /** {@return why the process is not ready to serve; empty if it is} */
    public Optional<String> whyNotReady() {
        return subject.isDraining().getAsBoolean() ? Optional.of("draining") : Optional.empty();
    }

    /** {@return whether only those who may change things get an answer, since the answer is not for everybody's eyes} */
    public boolean isConfidential(String path) {
        return path.equals("configuration") || path.equals("tap");
    }

    private ObjectNode configuration() {
        var document = Json.object();
        var values = document.putArray("values");
        subject.configuration().get().inForce().forEach(value -> {
            var each = values.addObject().put("key", value.key());
            if (value.isList()) {
                var list = each.putArray("value");
                value.values().forEach(list::add);
            } else {
                each.put("value", String.join(", ", value.values()));
            }
            each.put("origin", value.origin().place());
        });
        return document;
    }

    private Answer sample() {
        var samples = sampler.samples();
        return samples.isEmpty() ? new Failure(404, "there is no sample yet") : new Document(of(samples.getLast()));
    }

    private ObjectNode samples() {
        var document = Json.object().put("stepSeconds", Sampler.INTERVAL.toSeconds());
        var samples = document.putArray("samples");
        sampler.samples().forEach(sample -> samples.add(of(sample)));
        return document;
    }

    /** {@return one sample as a document} */
    static ObjectNode of(Sampler.Sample sample) {
        var document = Json.object()
                .put("time", sample.time())
                .put("bytesIn", Json.rounded(sample.bytesIn()))
                .put("bytesOut", Json.rounded(sample.bytesOut()))
                .put("members", sample.members())
                .put("held", sample.held());
        Json.putSeconds(document, "p50", sample.forwardingNs(0.5));
        Json.putSeconds(document, "p99", sample.forwardingNs(0.99));
        return document;
    }
}
