package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.buffer.Memory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Writes down what {@link Frames} tells, and gives it memory that must come back. */
final class Told implements Frames.Listener, Memory {
    private final List<String> events = new ArrayList<>();
    private int acquired;
    private boolean areOnHeap = true;

    /** {@return what a client's bytes mean, whole or in pieces of some bytes} */
    static List<String> by(byte[] bytes, int piece, int largest, Deflate deflate) {
        var told = new Told();
        try (var frames = new Frames(told, largest, deflate, told)) {
            var left = new byte[0];
            for (int at = 0; at < bytes.length; at += piece) {
                var now = Wire.concat(left, Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece)));
                var buffer = ByteBuffer.allocateDirect(now.length).put(now).flip();
                frames.read(buffer);
                left = Wire.bytes(buffer);
            }
            if (left.length > 0) {
                told.events.add("waiting");
            }
        } catch (Violation e) {
            told.events.add("fail " + e.code());
        }
        if (told.acquired != 0) {
            told.events.add("memory is missing");
        }
        return told.events;
    }

    /** {@return whether all messages came on the heap} */
    boolean areOnHeap() {
        return areOnHeap;
    }

    /** {@return how many buffers have not come back} */
    int acquired() {
        return acquired;
    }

    /** {@return what has been told} */
    List<String> events() {
        return events;
    }

    @Override
    public void message(boolean isText, ByteBuffer bytes) {
        var all = Wire.bytes(bytes);
        areOnHeap &= !bytes.isDirect();
        events.add(
                isText
                        ? "text " + shortened(new String(all, StandardCharsets.UTF_8))
                        : "binary " + shortened(HexFormat.of().formatHex(all)));
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 10) + "... of " + text.length();
    }

    @Override
    public void ping(ByteBuffer payload) {
        events.add("ping " + new String(Wire.bytes(payload), StandardCharsets.UTF_8));
    }

    @Override
    public void closed(int code) {
        events.add("closed " + code);
    }

    @Override
    public ByteBuffer acquire(int bytes) {
        acquired++;
        return ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public void release(ByteBuffer buffer) {
        acquired--;
    }
}
