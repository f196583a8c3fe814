package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.config.Reloaded;
import dev.socketforwarder.runtime.groups.GroupView;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers queries about the running process, and carries out commands. The monitor knows nothing of sockets: the control socket
 * and the admin endpoint bring the requests. Thread-safe. An answer may take milliseconds, so no event loop may ask.
 */
public final class Monitor {
    private static final Logger LOG = System.getLogger(Monitor.class.getName());
    private static final String GET = "GET";
    private static final String POST = "POST";
    private static final String DRAIN = "drain";
    private static final String RELOAD = "reload";
    // A preview changes nothing, but costs as much as a start, so it is not for everybody.
    private static final String PREVIEW = "changes";
    private static final Set<String> COMMANDS = Set.of(DRAIN, RELOAD, PREVIEW);
    private static final Pattern KICK = Pattern.compile("members/([0-9]{1,18})/kick");

    private final Subject subject;
    private final Sampler sampler;
    private final StatusDocument status;
    private final GroupDocuments groups;
    private final MemberDocuments members;
    private final Explanation explanation;
    private final InstantSource clock;
    private final Map<String, Query> queries = queries();

    public Monitor(Subject subject, Sampler sampler, History history, InstantSource clock) {
        this.subject = subject;
        this.clock = clock;
        this.sampler = sampler;
        this.groups = new GroupDocuments(subject);
        this.members = new MemberDocuments(subject, sampler, clock);
        this.status = new StatusDocument(subject, sampler, history, members, clock);
        this.explanation = new Explanation(subject, history, clock);
    }

    /** Answers one question. */
    @FunctionalInterface
    private interface Query {
        Answer answer(Request request, String by);
    }

    private Map<String, Query> queries() {
        return Map.of(
                "self", (_, _) -> new Document(status.self()),
                "status", (_, _) -> new Document(status.now()),
                "groups",
                        (request, _) -> new Document(
                                groups.list(request.text("contains"), order(request.text("sort")), page(request))),
                "members", (request, _) -> new Document(members(request)),
                "sample", (_, _) -> sample(),
                "configuration", (_, _) -> new Document(configuration()),
                "history", (_, _) -> new Document(samples()),
                "tap", this::tap,
                "explain", (request, _) -> explain(request.text("about")));
    }

    /** {@return the method that a path takes, {@code GET} or {@code POST}; empty if there is no such path} */
    public Optional<String> methodOf(String path) {
        if (queries.containsKey(path)) {
            return Optional.of(GET);
        }
        return COMMANDS.contains(path) || KICK.matcher(path).matches() ? Optional.of(POST) : Optional.empty();
    }

    /**
     * Answer a request, whose sender is entitled to it.
     *
     * @param by who asks, for the log
     */
    public Answer answer(Request request, String by) {
        var method = methodOf(request.path());
        if (method.isEmpty()) {
            return new Failure(404, "there is no " + Printable.quoted(request.path()));
        }
        if (!method.get().equals(request.method())) {
            return new Failure(405, Printable.quoted(request.path()) + " takes " + method.get() + " only");
        }
        try {
            return method.get().equals(GET)
                    ? queries.get(request.path()).answer(request, by)
                    : command(request.path(), by);
        } catch (BadParameterException e) {
            return new Failure(400, e.getMessage());
        }
    }

    private Answer command(String path, String by) {
        if (path.equals(DRAIN)) {
            LOG.log(Level.INFO, "draining at the request of " + by);
            return new Done(subject.drain()); // otherwise the answer might not get out any more
        }
        if (path.equals(RELOAD)) {
            return reload(by);
        }
        if (path.equals(PREVIEW)) {
            return told(subject.preview().get());
        }
        var kick = KICK.matcher(path).results().findFirst().orElseThrow();
        long id = Long.parseLong(kick.group(1));
        var member = subject.groups().member(id);
        if (member.isEmpty()) {
            return new Failure(404, "there is no member " + id);
        }
        // Logged before the member leaves, so that the log has the cause first.
        LOG.log(Level.INFO, nameOf(member.get()) + " is kicked by " + by);
        subject.groups().close(id, Reason.KICKED);
        return new Done();
    }

    private static String nameOf(MemberView member) {
        return "member " + member.id() + " (" + member.endpoint() + " " + member.name() + " in "
                + GroupText.of(member.group()) + ")";
    }

    private Answer reload(String by) {
        LOG.log(Level.INFO, "reloading at the request of " + by);
        return told(subject.reload().get());
    }

    private static Answer told(Reloaded reloaded) {
        if (!reloaded.isDone()) {
            return new Failure(Reloaded.UNUSABLE, String.join("; ", reloaded.lines()));
        }
        var document = Json.object();
        var lines = document.putArray("lines");
        reloaded.lines().forEach(lines::add);
        return new Document(document);
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

    private ObjectNode members(Request request) {
        var document = members.list(ofGroup(request), page(request));
        var group = request.text("group");
        if (GroupId.isValid(group)) {
            groups.putElsewhere(document, named(group, request.text("ofEndpoint")));
        }
        return document;
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
        if (!GroupId.isValid(name)) {
            return new Failure(400, "group is missing, or is no name of a group");
        }
        if (subject.tappable().get().stream().noneMatch(glob -> glob.matches(name))) {
            return new Failure(
                    403,
                    "group " + Printable.quoted(name) + " may not be tapped: admin.tap has no pattern that matches");
        }
        var group = named(name, request.text("ofEndpoint"));
        return new Documents(
                new TapDocuments(subject.groups(), group, request.text("format").equals("hex"), by, clock));
    }

    /**
     * {@return the group of this name; unless {@code ofEndpoint} decides, an endpoint's own group only if no other has the name}
     */
    private GroupId named(String name, String ofEndpoint) {
        var given = new GroupId(name, ofEndpoint.equals("true"));
        var own = new GroupId(name, true);
        var ids = subject.groups().groups().map(GroupView::id).toList();
        return ofEndpoint.isEmpty() && !ids.contains(given) && ids.contains(own) ? own : given;
    }

    private Answer explain(String about) {
        if (about.isEmpty()) {
            return new Failure(400, "about is missing: an address or a group");
        }
        var document = Json.object().put("about", about);
        var lines = document.putArray("lines");
        explanation.of(about).forEach(lines::add);
        return lines.isEmpty() ? new Failure(404, explanation.unknown(about)) : new Document(document);
    }

    /** {@return why the process is not ready to serve; empty if it is} */
    public Optional<String> whyNotReady() {
        return subject.isDraining().getAsBoolean() ? Optional.of("draining") : Optional.empty();
    }

    /** {@return in one line, what else to tell those who ask for readiness; empty if nothing} */
    public Optional<String> note() {
        return subject.reloads().get().failure().map(_ -> "the last reload changed nothing; the log says why");
    }

    /** {@return whether only those who may change things get an answer, since the answer is confidential} */
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
