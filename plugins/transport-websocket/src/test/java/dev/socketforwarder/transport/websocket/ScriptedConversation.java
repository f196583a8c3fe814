package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.Conversation;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.MessageKind;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Plays the runtime and the group for one codec. */
final class ScriptedConversation implements Conversation {
    static final int LARGEST = 1_000;

    final List<String> published = new ArrayList<>();
    final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    final Told memory = new Told();
    String firstMessage; // null until the codec asks to join
    Encoding encoding;
    Reason ended; // null until the codec ends the connection
    String detail;
    int calls; // that presented bytes

    private final RequestCodec codec;
    private byte[] left = {};
    private boolean isJoined;

    ScriptedConversation(WebSocketSettings rules) {
        codec = new RequestCodec(this, rules, new Deflate());
    }

    /** Let the peer send something. */
    ScriptedConversation send(byte[] bytes) {
        var all = Wire.concat(left, bytes);
        var buffer = ByteBuffer.allocateDirect(all.length).put(all).flip();
        boolean isMore;
        do { // as the runtime does for a member
            int before = buffer.remaining();
            codec.received(buffer);
            calls++;
            isMore = isJoined && buffer.remaining() < before && buffer.hasRemaining();
        } while (isMore);
        left = Wire.bytes(buffer);
        return this;
    }

    ScriptedConversation send(String text) {
        return send(Wire.utf8(text));
    }

    /** Admit the peer. */
    ScriptedConversation admit() {
        isJoined = true;
        codec.joined();
        return left.length == 0 ? this : send(new byte[0]);
    }

    RequestCodec codec() {
        return codec;
    }

    /** {@return what the codec has sent since the last call} */
    byte[] answer() {
        var bytes = sent.toByteArray();
        sent.reset();
        return bytes;
    }

    String text() {
        return new String(answer(), StandardCharsets.UTF_8);
    }

    @Override
    public Peer peer() {
        var address = new InetSocketAddress("127.0.0.1", 1);
        return new Peer("web", address, address);
    }

    @Override
    public void join(ByteBuffer firstMessage, Encoding encoding) {
        this.firstMessage = new String(Wire.bytes(firstMessage), StandardCharsets.UTF_8);
        this.encoding = encoding;
    }

    @Override
    public void join(GroupId group, Encoding encoding) {
        throw new IllegalStateException("the policies must be asked");
    }

    @Override
    public void publish(ByteBuffer message, MessageKind kind) {
        published.add(kind + " " + new String(Wire.bytes(message), StandardCharsets.UTF_8));
    }

    @Override
    public void send(ByteBuffer bytes) {
        sent.writeBytes(Wire.bytes(bytes));
    }

    @Override
    public void end(Reason reason, String detail) {
        ended = reason;
        this.detail = detail;
    }

    @Override
    public int largestMessage() {
        return LARGEST;
    }

    @Override
    public Memory memory() {
        return memory;
    }
}
