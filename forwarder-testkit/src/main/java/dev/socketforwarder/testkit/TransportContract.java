package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.testkit.ContractRun.Joined;
import dev.socketforwarder.testkit.ContractRun.Running;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests what the API promises of every transport. A test class of the plugin extends this class, and says how to make the
 * transport, which settings its endpoints need, and how a client connects. For a transport with connections, extend {@link
 * StreamContract} instead.
 *
 * <p>A failure quotes the broken {@link Promise}. Peers join with {@link ScriptedContext#firstMessage}.
 */
@Timeout(120)
public abstract class TransportContract {
    /** How long a test waits for an expected event, unless {@link #patience} is overridden. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int MOST_DESCRIBED = 200;

    private ContractRun run;

    /** For subclasses. */
    protected TransportContract() {}

    /**
     * {@return the transport to test; the same one at each call, or a new one for each test}
     */
    protected abstract Transport transport();

    /**
     * {@return the settings for a new endpoint. Each endpoint must listen on an address of this machine that nothing else uses,
     * such as port 0, or a path in a new folder}
     */
    protected abstract Map<String, ?> settings();

    /**
     * Connect a client, and ask to become a member.
     *
     * @param server the address of the endpoint
     * @param group the group to ask for; ignored if peers of this transport cannot name a group, so that all are in one
     * @return the client; the contract closes it
     * @throws IOException if the connection fails
     */
    protected abstract ContractClient connect(SocketAddress server, String group) throws IOException;

    /**
     * {@return the settings for an endpoint that asks for an address that another endpoint has}
     *
     * @param taken the address of the other endpoint
     */
    protected Map<String, ?> settingsAt(SocketAddress taken) {
        var settings = new HashMap<String, Object>(settings());
        if (taken instanceof InetSocketAddress address) {
            settings.put("port", address.getPort());
        }
        return settings;
    }

    /**
     * {@return how long a test waits for an expected event}
     */
    protected Duration patience() {
        return PATIENCE;
    }

    /**
     * {@return the promises that mean nothing to this transport, each with the reason. Their tests are reported as skipped, with the
     * word "declined" and the reason}
     */
    protected Map<Promise, String> declined() {
        return Map.of();
    }

    /** Go on only if the subject has not declined this promise. */
    void applies(Promise promise) {
        var why = declined().get(promise);
        if (why != null) {
            Assumptions.abort("declined: " + promise + ", since " + why);
        }
    }

    ContractRun run() {
        return run;
    }

    @BeforeEach
    void begin() {
        run = new ContractRun(this);
    }

    @AfterEach
    void end() throws IOException {
        run.end();
    }

    private Joined<ContractClient> join(Running server, String group) throws IOException {
        return run.join(server, group, this::connect);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Receive a text. If another text or nothing arrives, throw an error for the promise. */
    void expect(Promise promise, ContractClient client, String text) {
        String got;
        try {
            got = new String(client.receive(bytes(text).length), StandardCharsets.UTF_8);
        } catch (IOException e) {
            run.groups().verify(); // throws the cause, if it is known
            throw promise.broken("a peer did not receive \"" + text + "\": " + e, e);
        }
        if (!got.equals(text)) {
            throw promise.broken("a peer received \"" + got + "\" instead of \"" + text + "\"");
        }
    }

    @Test
    void openBindsNothingAndStartsNoThread() {
        var context = run.context("endpoint", settings());
        var threads = ContractRun.threads();
        long descriptors = ContractRun.descriptors();

        var endpoint = transport().open(context);

        var more = ContractRun.threads();
        more.removeAll(threads);
        more.removeIf(thread ->
                !thread.isAlive() || thread.isDaemon() && thread.getName().startsWith("junit"));
        if (!more.isEmpty() || ContractRun.descriptors() > descriptors) {
            throw Promise.OPEN_IS_CHEAP.broken("open() left new threads, " + more + ", or new descriptors");
        }
        if (!endpoint.localAddresses().isEmpty()) {
            throw Promise.ADDRESSES.broken("an endpoint that has not started reports " + endpoint.localAddresses());
        }
        if (!context.settings().unread().isEmpty()) {
            throw Promise.SETTINGS_READ.broken(
                    "open() did not read " + context.settings().unread());
        }
    }

    @Test
    void startServesAndTellsWhere() throws IOException {
        var server = run.start();

        if (server.address() instanceof InetSocketAddress address && address.getPort() == 0) {
            throw Promise.ADDRESSES.broken("the reported port is 0");
        }
        join(server, "group");
    }

    @Test
    void anAddressInUseIsOneLineThatNamesIt() throws IOException {
        var taken = run.start("first").address();
        long descriptors = ContractRun.descriptors();
        var threads = ContractRun.threads();
        var context = run.context("second", settingsAt(taken));
        var second = transport().open(context);
        context.begin();

        try {
            second.start();
            second.stop(Duration.ZERO);
            throw Promise.FAILED_START.broken("a second endpoint started at " + taken);
        } catch (IOException e) {
            var place = taken instanceof InetSocketAddress address ? "" + address.getPort() : taken.toString();
            if (e.getMessage() == null
                    || e.getMessage().contains("\n")
                    || !e.getMessage().contains(place)) {
                throw Promise.FAILED_START_SAYS.broken(
                        "for the address " + place + " the message is: " + e.getMessage(), e);
            }
        }
        try {
            if (!second.stop(ContractRun.GRACE).equals(Unsent.NONE)) {
                throw Promise.STOP_AFTER_FAILED_START.broken("stop() says that bytes were lost");
            }
        } catch (RuntimeException e) {
            throw Promise.STOP_AFTER_FAILED_START.broken("stop() threw " + e, e);
        } finally {
            context.close();
        }
        run.waiting()
                .await(
                        Promise.FAILED_START,
                        "threads or descriptors are left after the failed start",
                        () -> threads.containsAll(ContractRun.threads()) && ContractRun.descriptors() <= descriptors);
        if (!second.localAddresses().isEmpty()) {
            throw Promise.ADDRESSES.broken("an endpoint that could not start reports " + second.localAddresses());
        }
    }

    @Test
    void oneTransportServesManyEndpoints() throws IOException {
        var first = run.start("first");
        var second = run.start("second");
        if (first.address().equals(second.address())) {
            throw Promise.MANY_ENDPOINTS.broken("two endpoints of one transport listen on " + first.address());
        }
        for (var server : List.of(first, second)) {
            var name = server.context().name();
            var a = join(server, name);
            var b = join(server, name);
            a.client().send(bytes("for b"));
            expect(Promise.MANY_ENDPOINTS, b.client(), "for b");
        }
    }

    @Test
    void allOthersGetWhatOneSendsAndItselfDoesNot() throws IOException {
        var server = run.start();
        var a = join(server, "group");
        var b = join(server, "group");
        var c = join(server, "group");

        a.client().send(bytes("from a"));
        run.waiting()
                .await(
                        Promise.PUBLISHED,
                        "the transport did not publish the bytes that a peer sent",
                        () -> run.groups().publishedBytes() == 6);
        expect(Promise.FLUSHED, b.client(), "from a");
        expect(Promise.FLUSHED, c.client(), "from a");
        b.client().send(bytes("from b"));
        expect(Promise.NO_ECHO, a.client(), "from b");
        expect(Promise.FLUSHED, c.client(), "from b");
    }

    @Test
    void whatOneSendsStaysInOrderAndWhole() throws IOException {
        var server = run.start();
        var sender = join(server, "group");
        var receiver = join(server, "group");
        int n = 0;
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 20; i++) { // few enough for the buffers of any kernel
                sender.client().send(bytes("%08d".formatted(n + i)));
            }
            for (int i = 0; i < 20; i++) {
                expect(Promise.PUBLISHED, receiver.client(), "%08d".formatted(n++));
            }
        }
    }

    @Test
    void whatOthersDeliverGoesOutAtOnce() throws IOException {
        var server = run.start();
        var receiver = join(server, "group");
        for (int i = 0; i < 20; i++) {
            var text = "%08d".formatted(i);
            receiver.membership().deliver(bytes(text));
            expect(Promise.FLUSHED, receiver.client(), text);
        }
    }

    @Test
    void theOwnerIsOneThreadAndKeepsTheOrder() throws Exception {
        var membership = join(run.start(), "group").membership();
        var seen = Collections.synchronizedList(new ArrayList<Integer>());
        var nested = Collections.synchronizedList(new ArrayList<String>());
        for (int i = 0; i < 1_000; i++) {
            int n = i;
            membership.execute(() -> seen.add(n));
        }
        membership.await(() -> {
            membership.owner().execute(() -> nested.add("later"));
            nested.add("at once");
        });
        membership.await(() -> {});

        run.groups().verify();
        // A copy, since tasks may still be running if the owner has several threads.
        var ran = List.of(seen.toArray(Integer[]::new));
        if (!ran.equals(ran.stream().sorted().toList()) || ran.size() != 1_000) {
            throw Promise.OWNER_KEEPS_ORDER.broken(ran.size() + " of 1000 tasks ran, or ran in another order");
        }
        if (!nested.equals(List.of("at once", "later"))) {
            throw Promise.OWNER_RUNS_LATER.broken(
                    "a task that the owner's thread submitted ran in this order: " + nested);
        }
    }

    @Test
    void aRefusedJoinIsCounted() throws IOException {
        var server = run.start();
        run.groups().refuse(Reason.TOO_MANY_MEMBERS);

        run.remember(connect(server.address(), "group"));

        run.waiting()
                .await(
                        Promise.JOIN_REFUSED,
                        "a refused join was not reported",
                        () -> server.context().counters().get(Reason.TOO_MANY_MEMBERS) == 1);
        if (server.count(Counter.MEMBERS) != 0) {
            throw Promise.COUNTED.broken(
                    "the count of members is " + server.count(Counter.MEMBERS) + ", and no member joined");
        }
    }

    @Test
    void aMemberIsDescribedInFewPlainCharacters() throws IOException {
        var text = join(run.start(), "group").membership().describe();

        if (text == null
                || text.isEmpty()
                || text.length() > MOST_DESCRIBED
                || text.chars().anyMatch(Character::isISOControl)) {
            throw Promise.DESCRIBED.broken("the description is \"" + text + "\"");
        }
    }

    @Test
    void whatTheKernelHeldBeforeTheStopIsDelivered() throws IOException, InterruptedException {
        var server = run.start();
        var sender = join(server, "group");
        var receiver = join(server, "group");
        BusyOwner.during(sender.membership().owner(), () -> {
            for (int i = 0; i < 50; i++) {
                sender.client().send(bytes("%08d".formatted(i)));
            }
        });

        var unsent = run.stop(server);

        for (int i = 0; i < 50; i++) {
            expect(Promise.QUIESCED, receiver.client(), "%08d".formatted(i));
        }
        if (!unsent.equals(Unsent.NONE)) {
            throw Promise.UNSENT.broken("it says that something was lost: " + unsent);
        }
    }

    @Test
    void bytesAndMembersAreCounted() throws IOException {
        var server = run.start();
        var sender = join(server, "group");
        var receivers = List.of(join(server, "group"), join(server, "group"));
        for (int i = 0; i < 10; i++) {
            sender.client().send(bytes("0123456789"));
            for (var receiver : receivers) {
                expect(Promise.FLUSHED, receiver.client(), "0123456789");
            }
        }

        counted(server, Counter.BYTES_IN, 100, 100);
        counted(server, Counter.BYTES_OUT, 200, 200);
        counted(server, Counter.JOINED, 3, 3);
        counted(server, Counter.MEMBERS, 3, 3);
        counted(server, Counter.READS, 1, 10);
        counted(server, Counter.WRITES, 2, 20);
        run.stop(server);
        counted(server, Counter.MEMBERS, 0, 0);
        counted(server, Counter.CONNECTIONS, 0, 0);
    }

    private void counted(Running server, Counter counter, long least, long most) {
        run.waiting()
                .await(
                        Promise.COUNTED,
                        "the counter " + counter.label() + " is not between " + least + " and " + most,
                        () -> server.count(counter) >= least && server.count(counter) <= most);
    }

    @Test
    void stopLetsGoOfEverything() throws IOException {
        cycle(true, settings()); // creates what exists once in a process and stays
        var threads = ContractRun.threads();
        long descriptors = ContractRun.descriptors();
        for (int i = 0; i < 3; i++) {
            cycle(i != 1, settings()); // one round without quiesce, as when another endpoint cannot start
        }

        run.waiting().await(Promise.STOPPED, "threads are left", () -> threads.containsAll(ContractRun.threads()));
        run.waiting().await(Promise.STOPPED, "descriptors are left", () -> ContractRun.descriptors() <= descriptors);
        run.waiting()
                .await(
                        Promise.STOPPED,
                        "queues still hold memory",
                        () -> run.groups().heldBytes() == 0);
    }

    @Test
    void theSameAddressServesAgainAfterAStop() throws IOException {
        Map<String, ?> settings = settings();
        for (int round = 0; round < 3; round++) {
            settings = settingsAt(cycle(true, settings));
        }
    }

    private SocketAddress cycle(boolean quiesce, Map<String, ?> settings) throws IOException {
        var server = run.start(run.context("endpoint", settings));
        var address = server.address();
        var a = join(server, "group");
        var b = join(server, "group");
        a.client().send(bytes("x"));
        expect(Promise.START_BINDS, b.client(), "x");
        if (quiesce) {
            server.endpoint().quiesce(ContractRun.GRACE);
        }
        run.stop(server, ContractRun.GRACE);
        a.client().close();
        b.client().close();
        if (!server.endpoint().localAddresses().isEmpty()) {
            throw Promise.ADDRESSES.broken(
                    "an endpoint that has stopped reports " + server.endpoint().localAddresses());
        }
        if (!run.groups().members().isEmpty()) {
            throw Promise.STOPPED.broken(
                    "there are still members: " + run.groups().members());
        }
        return address;
    }
}
