package dev.socketforwarder.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.GroupId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import org.junit.jupiter.api.Test;

class SubjectsTest {
    private final Subjects subjects = new Subjects("socketforwarder");

    @Test
    void plainNamesStayReadable() {
        assertThat(subjects.of(GroupId.of("Chat_room-1"))).isEqualTo("socketforwarder.Chat_room-1");
    }

    @Test
    void charactersWithAMeaningAreEncoded() {
        assertThat(subjects.of(GroupId.of("a.b *>=\u00e9"))).isEqualTo("socketforwarder.a=2Eb=20=2A=3E=3D=C3=A9");
    }

    @Test
    void everyCharacterComesBack() {
        var seen = new HashSet<String>();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            var name = Character.toString(c);
            if (!GroupId.isValid(name)) {
                continue;
            }
            var subject = subjects.of(GroupId.of(name));
            assertThat(decoded(subject)).isEqualTo(name);
            assertThat(seen.add(subject)).as(subject).isTrue();
        }
    }

    @Test
    void everyByteOfUtf8IsAPlainToken() {
        var name = new StringBuilder();
        for (int c = ' '; c < 0x7f; c++) {
            name.append((char) c);
        }
        var subject = subjects.of(GroupId.of(name + "\u0080\u07ff\uffff\ud83d\ude00".substring(1)));
        assertThat(subject).matches("socketforwarder\\.[A-Za-z0-9_=-]+");
    }

    @Test
    void presenceIsNoGroup() {
        assertThat(subjects.of(GroupId.of("$presence"))).isNotEqualTo(subjects.ofPresence());
        assertThat(subjects.ofPresence()).doesNotMatch("socketforwarder\\.[A-Za-z0-9_=-]+");
    }

    private static String decoded(String subject) {
        var token = subject.substring(subject.indexOf('.') + 1);
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < token.length(); i++) {
            if (token.charAt(i) == '=') {
                bytes.write(Integer.parseInt(token.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(token.charAt(i));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
