package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What an endpoint is given in a test: settings out of a map, and a handshake that knows the prefix alone. */
record TestContext(String name, TestSettings settings, Groups groups, Counters counters) implements TransportContext {

    TestContext(String name, TestSettings settings, Groups groups) {
        this(name, settings, groups, new Counters());
    }

    @Override
    public Handshake handshake(List<String> defaults) {
        var prefix = settings.text("new-client-prefix", UdpSettings.DEFAULT_PREFIX);
        return (_, bytes, _) -> {
            var text = StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
            int end = text.indexOf('\n');
            int consumed =
                    end < 0 ? bytes.remaining() : text.substring(0, end + 1).getBytes(StandardCharsets.UTF_8).length;
            int argumentEnd = end < 0 ? text.length() : end > 0 && text.charAt(end - 1) == '\r' ? end - 1 : end;
            return text.startsWith(prefix)
                    ? new Handshake.Admitted(text.substring(prefix.length(), argumentEnd), consumed)
                    : new Handshake.Declined(Reason.WRONG_PREFIX);
        };
    }

    @Override
    public void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending) {
        counters.add(reason, 1);
    }

    @Override
    public int parallelism() {
        return 1;
    }
}
