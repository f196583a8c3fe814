package dev.socketforwarder.transport.udp.members;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Fuzz target: datagrams that ask for a registration or its end. The first byte says whether challenges are sent. Two
 * bytes precede each datagram. They say how long it is, which port it comes from, and what surrounds its bytes, since
 * no fuzzer soon guesses a prefix or a cookie.
 */
public final class RegistrationFuzz {
    private static final List<String> BEGINNINGS =
            List.of(UdpSettings.DEFAULT_PREFIX, MemberSettings.DEFAULT_LEAVE_PREFIX, "", RegistrationCheck.CHALLENGE);
    private static final List<String> LINE_ENDS = List.of("", "\n", "\r\n", "\r");
    private static final int COOKIE = 0x10;
    private static final int[] PORTS = {0, 1, 2, 65_535};

    private RegistrationFuzz() {}

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        var in = ByteBuffer.wrap(input);
        var check = new RegistrationCheck(in.get() % 2 != 0);
        while (in.remaining() >= 2) {
            int control = in.get();
            var bytes = new byte[Math.min(in.get() & 0xff, in.remaining())];
            in.get(bytes);
            var text = BEGINNINGS.get(control & 3)
                    + new String(bytes, StandardCharsets.ISO_8859_1)
                    + ((control & COOKIE) == 0 ? "" : check.lastCookie())
                    + LINE_ENDS.get(control >> 2 & 3);
            check.receive(text, PORTS[control >> 6 & 3]);
        }
        assertThat(check.count(Reason.INTERNAL_ERROR)).isZero();
        assertThat(check.count(Reason.HANDSHAKE_FAILED)).isZero();
    }
}
