package dev.socketforwarder.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A WebSocket whose handshake is done. What is read must have room for {@value #ROOM} bytes. */
final class WebSocketLink implements Link {
    private static final int ROOM = 128 * 1024;
    private static final int LARGEST_HEADER = 8;
    private static final int LENGTH_16 = 126;
    private static final int LENGTH_64 = 127;
    private static final int BINARY = 0x82;
    private static final int MASKED = 0x80;
    private static final int OPCODE = 0x0f;
    private static final int CLOSE = 8;
    private static final int MASK = 0x5a0ff1c3;

    private final SocketChannel channel;
    private final boolean framesLines;
    private final ByteBuffer in = ByteBuffer.allocateDirect(ROOM / 2);
    private final ByteBuffer out = ByteBuffer.allocateDirect(ROOM).limit(0);
    private int opcode;
    private int left; // how many bytes of the frame are still to come

    private WebSocketLink(SocketChannel channel, boolean framesLines) {
        this.channel = channel;
        this.framesLines = framesLines;
    }

    /** {@return a WebSocket whose handshake is done} */
    static WebSocketLink connect(SocketChannel channel, Access access, String group, Patience patience)
            throws IOException {
        channel.write(ByteBuffer.wrap(Protocol.bytes(request(access, group))));
        var answer = new StringBuilder();
        var each = ByteBuffer.allocate(1); // what follows the answer is the first frame
        while (answer.indexOf("\r\n\r\n") < 0) {
            int n = channel.read(each.clear());
            if (n < 0) {
                throw new EOFException("the server closed a connection that was to join: " + answer);
            } else if (n == 0) {
                patience.pause();
            } else {
                answer.append((char) each.get(0));
            }
        }
        if (!answer.toString().startsWith("HTTP/1.1 101 ")) {
            throw new IOException("no WebSocket: " + answer.substring(0, answer.indexOf("\r")));
        }
        return new WebSocketLink(channel, access.protocol().framesLines());
    }

    private static String request(Access access, String group) {
        return "GET " + access.protocol().path(group) + " HTTP/1.1\r\nHost: localhost:"
                + access.address().getPort()
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    }

    @Override
    public SocketChannel channel() {
        return channel;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int start = into.position();
        int n = channel.read(in);
        in.flip();
        while (left > 0 ? in.hasRemaining() : beginsFrame()) {
            take(into);
        }
        in.compact();
        int produced = into.position() - start;
        return (n < 0 || opcode == CLOSE) && produced == 0 ? -1 : produced;
    }

    /** {@return whether a frame's header was complete} */
    private boolean beginsFrame() throws IOException {
        if (in.remaining() < 2) {
            return false;
        }
        int first = in.get(in.position()) & 0xff;
        int length = in.get(in.position() + 1);
        if (length < 0 || length == LENGTH_64) {
            throw new IOException("a server's frame is masked, or larger than 64 KiB");
        }
        if (length == LENGTH_16) {
            if (in.remaining() < 2 + Short.BYTES) {
                return false;
            }
            length = in.getShort(in.position() + 2) & 0xffff;
            in.position(in.position() + Short.BYTES);
        }
        in.position(in.position() + 2);
        opcode = first & OPCODE;
        left = length;
        return true;
    }

    /** Take what has come of a frame; pings need no answer within minutes. */
    private void take(ByteBuffer into) {
        int n = Math.min(left, in.remaining());
        left -= n;
        if (opcode < CLOSE) {
            into.put(in.slice(in.position(), n));
            if (left == 0 && framesLines) {
                into.put((byte) '\n');
            }
        }
        in.position(in.position() + n);
    }

    @Override
    public boolean write(ByteBuffer from) throws IOException {
        channel.write(out);
        while (from.hasRemaining() && !out.hasRemaining()) {
            out.clear();
            while (from.hasRemaining() && out.remaining() >= from.remaining() + LARGEST_HEADER) {
                frame(from);
            }
            out.flip();
            channel.write(out);
        }
        return !from.hasRemaining() && !out.hasRemaining();
    }

    private void frame(ByteBuffer from) {
        int length = framesLines ? lineLength(from) : from.remaining();
        out.put((byte) BINARY);
        if (length < LENGTH_16) {
            out.put((byte) (MASKED | length));
        } else {
            out.put((byte) (MASKED | LENGTH_16)).putShort((short) length);
        }
        out.putInt(MASK);
        for (int i = 0; i < length; i++) {
            out.put((byte) (from.get() ^ MASK >> (24 - 8 * (i % Integer.BYTES))));
        }
        if (framesLines) {
            from.get();
        }
    }

    private static int lineLength(ByteBuffer from) {
        int at = from.position();
        while (from.get(at) != '\n') {
            at++;
        }
        return at - from.position();
    }
}
