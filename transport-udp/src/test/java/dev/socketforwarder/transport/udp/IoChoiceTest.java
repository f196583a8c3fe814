package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.linux.NativeProbe;
import dev.socketforwarder.transport.udp.linux.NativeSockets;
import dev.socketforwarder.transport.udp.nio.NioSockets;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests the choice between the native path and channels. */
@Timeout(60)
class IoChoiceTest {

    @ParameterizedTest
    @EnumSource(
            value = IoPath.class,
            names = {"AUTO", "NATIVE"})
    @EnabledOnOs(
            value = OS.LINUX,
            architectures = {"amd64", "aarch64"})
    void onLinuxTheFastPathIsReallyUsed(IoPath io) throws IOException {
        assertThat(NativeProbe.run()).isEqualTo(new NativeProbe.Result(true, true, ""));
        assertThat(opened(io)).isEqualTo(NativeSockets.class);
    }

    @Test
    void channelsAreUsedWhereTheyAreAskedFor() throws IOException {
        assertThat(opened(IoPath.NIO)).isEqualTo(NioSockets.class);
    }

    private static Class<?> opened(IoPath io) throws IOException {
        var context = new TestContext("udp", TestServer.settings(io), TestServer.groups());
        var sockets = IoChoice.open(context, UdpSettings.read(context.settings()), Set::of, List.of(new Tally(context)))
                .getFirst();
        sockets.close();
        return sockets.getClass();
    }
}
