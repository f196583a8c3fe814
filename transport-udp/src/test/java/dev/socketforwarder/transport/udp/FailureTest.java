package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.GroupListener;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Rates;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Deframer;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.OutboundQueue;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;

/** Tests failures while a datagram is handled. */
@BothPaths
@Timeout(60)
class FailureTest {
    @Parameter
    private IoPath io;

    @Test
    void whatIsThrownCostsTheRunItCameWithAndNoMore() throws IOException {
        try (var server = TestServer.start(
                        new UdpTransport(), new TestContext("udp", TestServer.settings(io), new BrokenGroups()));
                var a = server.member();
                var outsider = server.peer()) {
            outsider.send("!");
            server.awaitCount(Reason.INTERNAL_ERROR, 1);
            outsider.send("?");
            server.awaitCount(Reason.INTERNAL_ERROR, 2);

            outsider.isNextHeardBy(a);
        }
    }

    @Test
    void aRefusalOfTheGroupIsPassedOn() throws IOException {
        var groups = new BrokenGroups() {
            @Override
            public Join join(GroupId group, Member member, Owner owner) {
                return new Refused(Reason.OUT_OF_QUEUE);
            }
        };
        try (var server =
                        TestServer.start(new UdpTransport(), new TestContext("udp", TestServer.settings(io), groups));
                var a = server.peer()) {
            a.register();

            server.awaitCount(Reason.OUT_OF_QUEUE, 1);
        }
    }

    @Test
    void aMemberThatTheGroupClosesIsForgottenAndMayComeAgain() throws IOException {
        var last = new AtomicReference<Runnable>();
        var groups = new BrokenGroups() {
            @Override
            public Join join(GroupId group, Member member, Owner owner) {
                last.set(() -> owner.execute(() -> member.close(Reason.OUT_OF_QUEUE)));
                return super.join(group, member, owner);
            }
        };
        try (var server =
                        TestServer.start(new UdpTransport(), new TestContext("udp", TestServer.settings(io), groups));
                var a = server.member();
                var outsider = server.peer()) {
            last.get().run();
            server.awaitMembers(0);
            server.awaitCount(Reason.OUT_OF_QUEUE, 1);

            a.register();
            server.awaitMembers(1);
            outsider.isNextHeardBy(a);
        }
    }

    /** Groups in which publishing a message that begins with "!" or "?" fails. */
    private static class BrokenGroups implements Groups {
        private final Groups good = TestServer.groups();

        @Override
        public Join join(GroupId group, Member member, Owner owner) {
            return good.join(group, member, owner);
        }

        @Override
        public Watch watch(GroupListener listener, Owner owner) {
            return good.watch(listener, owner);
        }

        @Override
        public Membership publisher(GroupId group, Owner owner) {
            var membership = good.publisher(group, owner);
            return new Membership() {
                @Override
                public void publish(Batch batch) {
                    switch (batch.block().bytes().get(batch.offset(0))) {
                        case '!' -> throw new IllegalStateException("broken on purpose");
                        case '?' -> throw new StackOverflowError("broken on purpose");
                        default -> {}
                    }
                    membership.publish(batch);
                }

                @Override
                public OutboundQueue queue() {
                    return membership.queue();
                }

                @Override
                public Deframer deframer() {
                    return membership.deframer();
                }

                @Override
                public int largestMessage() {
                    return membership.largestMessage();
                }

                @Override
                public Memory memory() {
                    return membership.memory();
                }

                @Override
                public Rates rates() {
                    return membership.rates();
                }

                @Override
                public Optional<ByteBuffer> joinReply() {
                    return membership.joinReply();
                }

                @Override
                public void leave(Reason reason) {
                    membership.leave(reason);
                }
            };
        }
    }
}
