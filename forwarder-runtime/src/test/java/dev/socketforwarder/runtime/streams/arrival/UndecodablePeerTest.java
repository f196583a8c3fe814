package dev.socketforwarder.runtime.streams.arrival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.TestContext;
import dev.socketforwarder.runtime.streams.member.StreamContext;
import dev.socketforwarder.runtime.testing.TestLog;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UndecodablePeerTest {

    @Test
    void aPeerWhoseOwnPathCannotBeDecodedDoesNotEndTheListener() throws Exception {
        try (var context = new TestContext(Map.of());
                var log = new TestLog();
                var bound = new Undecodable()) {
            var rules = context.rules(context.handshake(List.of("prefix")));
            var reception = new Reception(
                    new StreamContext(context, context.groups(), context.loops(), rules, Optional.empty()));
            new Listener(reception, bound, bound.getLocalAddress(), null).onReady(null);
            assertThat(bound.asked).isEqualTo(3);
            assertThat(context.counters().get(Reason.ACCEPT_FAILED)).isEqualTo(2);
            assertThat(log.text().lines())
                    .hasSize(1)
                    .first()
                    .asString()
                    .endsWith("; start the forwarder with LC_ALL=C.UTF-8");
        }
    }

    @Test
    void aListenerThatNoSelectorTakesIsNotTaken() throws Exception {
        try (var context = new TestContext(Map.of());
                var bound = new Undecodable()) {
            var streams = context.streams(List.of("prefix"));
            assertThatThrownBy(() -> streams.listen(bound)).isInstanceOf(IllegalArgumentException.class);
            assertThat(bound.isOpen()).isTrue();
        }
    }

    /**
     * A listening channel whose first connections come from a path that has no characters in the locale. Java throws in
     * that case.
     */
    private static final class Undecodable extends ServerSocketChannel {
        private int asked;

        Undecodable() {
            super(SelectorProvider.provider());
        }

        @Override
        public SocketChannel accept() {
            if (++asked < 3) {
                throw new InvalidPathException("/tmp/?", "Malformed input or input contains unmappable characters");
            }
            return null;
        }

        @Override
        public ServerSocketChannel bind(SocketAddress local, int backlog) {
            return this;
        }

        @Override
        public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) {
            return this;
        }

        @Override
        public <T> T getOption(SocketOption<T> name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<SocketOption<?>> supportedOptions() {
            return Set.of();
        }

        @Override
        public ServerSocket socket() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SocketAddress getLocalAddress() {
            return UnixDomainSocketAddress.of("/any");
        }

        @Override
        protected void implCloseSelectableChannel() {}

        @Override
        protected void implConfigureBlocking(boolean block) {}
    }
}
