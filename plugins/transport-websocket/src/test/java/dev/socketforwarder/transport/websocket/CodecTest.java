package dev.socketforwarder.transport.websocket;

import static dev.socketforwarder.transport.websocket.Wire.CLOSE;
import static dev.socketforwarder.transport.websocket.Wire.FIN;
import static dev.socketforwarder.transport.websocket.Wire.PING;
import static dev.socketforwarder.transport.websocket.Wire.TEXT;
import static dev.socketforwarder.transport.websocket.Wire.closing;
import static dev.socketforwarder.transport.websocket.Wire.frame;
import static dev.socketforwarder.transport.websocket.Wire.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.socketforwarder.api.Reason;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what the forwarder says to a client that has joined. */
class CodecTest {
    private static final String UPGRADE =
            "GET /groups/g HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private static ScriptedConversation socket() {
        var conversation = new ScriptedConversation(Rules.DEFAULT).send(UPGRADE).admit();
        assertThat(conversation.text()).startsWith("HTTP/1.1 101 ");
        return conversation;
    }

    /** {@return the code of a close frame, and the text behind it} */
    private static String close(byte[] bytes) {
        var frame = ByteBuffer.wrap(bytes);
        assertThat(frame.get()).isEqualTo((byte) 0x88);
        assertThat((int) frame.get()).isEqualTo(frame.remaining());
        if (!frame.hasRemaining()) {
            return "none";
        }
        return frame.getShort() + " " + StandardCharsets.UTF_8.decode(frame);
    }

    @Test
    void messagesArePublishedWithTheirKind() {
        var conversation = socket().send(frame(FIN | TEXT, "a")).send(frame(FIN | Wire.BINARY, "b"));
        assertThat(conversation.published).containsExactly("TEXT a", "BINARY b");
    }

    @Test
    void aPingIsAnsweredWithItsBytes() {
        assertThat(socket().send(frame(FIN | PING, "abc")).answer()).isEqualTo(hex("8a03 616263"));
    }

    @Test
    void aCloseIsAnsweredWithItsCode() {
        var conversation = socket().send(frame(FIN | CLOSE, closing(1001, "bye")));
        assertThat(close(conversation.answer())).isEqualTo("1001 ");
        assertThat(conversation.ended).isEqualTo(Reason.PEER_CLOSED);
    }

    @Test
    void aCloseWithoutACodeIsAnsweredWithout() {
        assertThat(close(socket().send(frame(FIN | CLOSE, "")).answer())).isEqualTo("none");
    }

    @Test
    void aViolationIsToldByItsCode() {
        var conversation = socket().send(hex("8100"));
        assertThat(close(conversation.answer())).startsWith("1002 ").contains("mask");
        assertThat(conversation.ended).isEqualTo(Reason.PROTOCOL_ERROR);
    }

    @Test
    void aTextThatIsNotUtf8IsToldByItsCode() {
        var conversation = socket().send(frame(FIN | TEXT, hex("ff")));
        assertThat(close(conversation.answer())).startsWith("1007 ").contains("UTF-8");
        assertThat(conversation.ended).isEqualTo(Reason.PROTOCOL_ERROR);
    }

    @Test
    void aMessageThatIsTooLargeIsToldByItsCode() {
        var conversation = socket().send(frame(FIN | TEXT, new byte[ScriptedConversation.LARGEST + 1]));
        assertThat(close(conversation.answer())).startsWith("1009 ");
        assertThat(conversation.ended).isEqualTo(Reason.MESSAGE_TOO_LARGE);
    }

    private static ScriptedConversation withEarlyFrames() {
        return new ScriptedConversation(Rules.DEFAULT).send(Wire.concat(Wire.utf8(UPGRADE), frame(FIN | TEXT, "a")));
    }

    @Test
    void framesBeforeTheAnswerAreAViolation() {
        var conversation = withEarlyFrames().admit();
        var answer = conversation.answer();
        int end = new String(answer, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
        assertThat(new String(answer, 0, end, StandardCharsets.ISO_8859_1)).startsWith("HTTP/1.1 101 ");
        assertThat(close(Arrays.copyOfRange(answer, end, answer.length)))
                .startsWith("1002 ")
                .contains("before");
        assertThat(conversation.ended).isEqualTo(Reason.PROTOCOL_ERROR);
        assertThat(conversation.published).isEmpty();
    }

    @Test
    void framesBeforeTheAnswerChangeNothingForAClientThatMayNotJoin() {
        var conversation = withEarlyFrames();
        assertThat(conversation.firstMessage).isEqualTo("PREFIX:g\n");
        assertThat(conversation.answer()).isEmpty();
        conversation.codec().goodbye(Reason.NOT_ADMITTED);
        assertThat(conversation.text()).startsWith("HTTP/1.1 403 ");
    }

    @ParameterizedTest
    @CsvSource({
        "STOPPED,1001",
        "IDLE,1000",
        "KICKED,1008",
        "MESSAGE_TOO_LARGE,1009",
        "MESSAGE_INCOMPLETE,1002",
        "OUT_OF_QUEUE,1013",
        "INTERNAL_ERROR,1011"
    })
    void theForwarderTellsWhyItCloses(Reason reason, int code) {
        var conversation = socket();
        conversation.codec().goodbye(reason);
        assertThat(close(conversation.answer())).isEqualTo(code + " " + reason.label());
    }

    @ParameterizedTest
    @ValueSource(strings = {"8100", "888000000000", ""})
    void theFragmentsOfAMessageGoWithTheLastWord(String last) {
        var conversation = socket().send(frame(TEXT, "a"));
        assertThat(conversation.memory.acquired()).isEqualTo(1);
        if (last.isEmpty()) {
            conversation.codec().goodbye(Reason.STOPPED);
        } else {
            conversation.send(hex(last));
        }
        assertThat(conversation.answer()).startsWith(hex("88"));
        assertThat(conversation.memory.acquired()).isZero();
    }

    @Test
    void theFragmentsOfAMessageGoWithTheEnd() {
        var conversation = socket().send(frame(TEXT, "a"));
        conversation.codec().ended();
        assertThat(conversation.memory.acquired()).isZero();
        assertThatNoException().isThrownBy(conversation.codec()::close);
    }

    @Test
    void silenceIsPinged() {
        var conversation = socket();
        conversation.codec().probe();
        assertThat(conversation.answer()).isEqualTo(hex("8900"));
    }

    @Test
    void anEndWithoutACloseFrameEndsTheMembership() {
        var conversation = socket();
        conversation.codec().ended();
        assertThat(conversation.ended).isEqualTo(Reason.PEER_CLOSED);
    }

    @Test
    void eventsAreStreamed() {
        var conversation = new ScriptedConversation(Rules.DEFAULT)
                .send("GET /groups/g/events HTTP/1.1\r\nHost: a\r\nOrigin: http://a:1\r\n\r\n");
        assertThat(conversation.firstMessage).isEqualTo("PREFIX:g\n");
        assertThat(conversation.admit().text())
                .startsWith("HTTP/1.1 200 ")
                .contains("Content-Type: text/event-stream\r\n", "Access-Control-Allow-Origin: http://a:1\r\n")
                .endsWith("\r\n\r\n");
        conversation.send("anything");
        conversation.codec().probe();
        assertThat(conversation.text()).isEqualTo(":\n\n");
        assertThat(conversation.ended).isNull();
    }

    private static String post(String headers) {
        return "POST /groups/g HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
    }

    @ParameterizedTest
    @CsvSource({
        "text/plain,TEXT",
        "application/json; charset=utf-8,TEXT",
        "application/x-www-form-urlencoded,TEXT",
        "application/octet-stream,BINARY",
        "image/png,BINARY"
    })
    void aBodyIsOneMessage(String type, String kind) {
        var conversation = new ScriptedConversation(Rules.DEFAULT)
                .send(post("Content-Length: 2\r\nContent-Type: " + type + "\r\n") + "ab")
                .admit();
        assertThat(conversation.published).containsExactly(kind + " ab");
        assertThat(conversation.text()).startsWith("HTTP/1.1 204 ");
        assertThat(conversation.ended).isEqualTo(Reason.PEER_CLOSED);
    }

    @Test
    void aBodyMayComeLater() {
        var conversation = new ScriptedConversation(Rules.DEFAULT)
                .send(post("Content-Length: 2\r\nExpect: 100-continue\r\n"))
                .admit();
        assertThat(conversation.text()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        conversation.send("a");
        assertThat(conversation.published).isEmpty();
        conversation.send("b");
        assertThat(conversation.published).containsExactly("BINARY ab");
    }

    private static ScriptedConversation halfABody() {
        return new ScriptedConversation(Rules.DEFAULT)
                .send(post("Content-Length: 2\r\n") + "a")
                .admit();
    }

    private static void assertIncomplete(ScriptedConversation conversation, int status) {
        assertThat(conversation.text()).startsWith("HTTP/1.1 " + status + " ");
        assertThat(conversation.ended).isEqualTo(Reason.MESSAGE_INCOMPLETE);
        assertThat(conversation.published).isEmpty();
    }

    @Test
    void aBodyThatFallsSilentEndsTheRequest() {
        var conversation = halfABody();
        conversation.codec().probe();
        assertIncomplete(conversation, 408);
    }

    @Test
    void aBodyThatEndsTooEarlyEndsTheRequest() {
        var conversation = halfABody();
        conversation.codec().ended();
        assertIncomplete(conversation, 400);
    }

    @ParameterizedTest
    @CsvSource({"MESSAGE_INCOMPLETE,408", "IDLE,408", "MESSAGE_TOO_LARGE,413", "STOPPED,503"})
    void theForwarderTellsWhyItEndsAPost(Reason reason, int status) {
        var conversation = halfABody();
        conversation.codec().goodbye(reason);
        assertThat(conversation.text()).startsWith("HTTP/1.1 " + status + " ");
    }

    @ParameterizedTest
    @CsvSource({
        "Content-Length: 1001,413",
        "Content-Length: 99999999999,413",
        "Content-Length: 0,400",
        "Content-Length: x,400",
        "Content-Length: -1,400",
        "Accept: *,411",
        "Transfer-Encoding: chunked,411"
    })
    void aBodyNeedsALengthThatFits(String header, int status) {
        var conversation = new ScriptedConversation(Rules.DEFAULT).send(post(header + "\r\n"));
        if (conversation.ended == null) {
            conversation.admit();
        }
        assertThat(conversation.text()).startsWith("HTTP/1.1 " + status + " ");
        assertThat(conversation.ended).isNotNull();
    }

    @Test
    void aTextHasToBeUtf8() {
        var conversation = new ScriptedConversation(Rules.DEFAULT)
                .send(post("Content-Length: 1\r\nContent-Type: text/plain\r\n"))
                .admit()
                .send(hex("ff"));
        assertThat(conversation.text()).startsWith("HTTP/1.1 400 ").contains("UTF-8");
        assertThat(conversation.published).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /groups/g/events HTTP/1.1\r\nHost: a\r\n\r\n", UPGRADE})
    void everyCodecCanCloseAtAnyTime(String request) {
        var conversation = new ScriptedConversation(Rules.DEFAULT);
        conversation.codec().close();
        conversation.send(request).codec().close();
        conversation.admit().codec().close();
    }

    @Test
    void messagesThatGrowTooLargeForOneCallAreTakenInSeveral() {
        var conversation = new ScriptedConversation(Rules.DEFAULT)
                .send(UPGRADE.replace("Key: ", "Extensions: permessage-deflate\r\nSec-WebSocket-Key: "))
                .admit();
        conversation.answer();
        var message = ByteBuffer.allocate(100);
        var deflate = new Deflate();
        deflate.deflate(ByteBuffer.allocate(ScriptedConversation.LARGEST), message);
        deflate.close();
        int count = 5_000; // of 1 KB each
        var frame = frame(FIN | Wire.RSV1 | Wire.BINARY, Wire.bytes(message.flip()));
        var frames = ByteBuffer.allocate(count * frame.length);
        while (frames.hasRemaining()) {
            frames.put(frame);
        }
        conversation.send(frames.array());
        assertThat(conversation.calls).isGreaterThan(count * ScriptedConversation.LARGEST / (1 << 20));
        assertThat(conversation.published).hasSize(count);
        assertThat(conversation.answer()).isEmpty();
    }

    @Test
    void theRehearsalIsLikeAClient() {
        assertThatNoException().isThrownBy(() -> Rehearsal.run(Rules.DEFAULT, new Deflate()));
    }

    @Test
    void aMemberDoesNotKeepItsRequest() throws Refusal, InterruptedException {
        var conversation = new ScriptedConversation(Rules.DEFAULT);
        var request = Request.of(Http.request(ByteBuffer.wrap(Wire.utf8(UPGRADE))), Rules.DEFAULT);
        var collected = new ReferenceQueue<Request>();
        var kept = new WeakReference<>(request, collected);
        var codec = new SocketCodec(conversation, request, null, false);
        request = null;
        codec.joined();
        System.gc();
        assertThat((Object) collected.remove(10_000)).isSameAs(kept);
        codec.close();
    }
}
