package dev.socketforwarder.transport.udp.admission;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.settings.ControlTexts;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Verifies that a sender receives what is sent to the address that the sender registers or removes: a cookie goes to
 * the address and must come back. Used on the endpoint's thread.
 */
final class Challenges {
    private static final char SEPARATOR = ':';

    /**
     * Requests are at least this long, so a forged request cannot make the forwarder send more bytes than the request
     * has.
     */
    private static final int SIZE = MemberSettings.CHALLENGE_BYTES;

    private final Cookies cookies;
    private final Sockets sockets;
    private final Counters counters;
    private final ByteBuffer message = ByteBuffer.allocateDirect(SIZE);
    private final Batch batch = new Batch(Block.borrowed(message), Batch.Form.MESSAGES);

    Challenges(Cookies cookies, Sockets sockets, Counters counters) {
        this.cookies = cookies;
        this.sockets = sockets;
        this.counters = counters;
        batch.add(0, SIZE);
    }

    /**
     * {@return the position of the separator before a cookie at the end of a request, before its line feed; -1 if there
     * is no cookie}
     *
     * @param start where {@code request} continues after its prefix
     */
    static int separator(ByteBuffer request, int start) {
        int end = endOfLine(request, start);
        int separator = end - Cookies.LENGTH - 1;
        if (separator < start || request.get(separator) != SEPARATOR) {
            return -1;
        }
        for (int i = separator + 1; i < end; i++) {
            if (!ControlTexts.isBase64Url(request.get(i))) {
                return -1;
            }
        }
        return separator;
    }

    private static int endOfLine(ByteBuffer request, int start) {
        int end = request.limit();
        if (end > start && request.get(end - 1) == '\n') {
            end--;
            if (end > start && request.get(end - 1) == '\r') {
                end--;
            }
        }
        return end;
    }

    /** Send a cookie to {@code target}, from {@code local}, an address of {@code socket}. */
    void send(int socket, InetAddress local, InetSocketAddress target) {
        message.clear().put(ControlTexts.COOKIE_PREFIX).put(cookies.of(target));
        counters.add(Counter.CHALLENGED, 1);
        // Sent at once, since its block is not the intake's.
        sockets.destination(socket, local, target).send(batch);
    }

    /** {@return whether {@code cookie} proves that the sender receives what is sent to {@code target}} */
    boolean proves(ByteBuffer cookie, InetSocketAddress target) {
        return cookies.isValid(target, cookie);
    }
}
