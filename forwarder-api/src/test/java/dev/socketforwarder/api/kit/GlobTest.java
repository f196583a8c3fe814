package dev.socketforwarder.api.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource({
        "*, anything, true",
        "chat, chat, true",
        "chat, chats, false",
        "chat-*, chat-1, true",
        "chat-*, chat-, true",
        "chat-*, chat, false",
        "*-x, a-x, true",
        "*-x, a-xy, false",
        "a*b*c, a-b-b-c, true",
        "a*b*c, a-c-b, false",
        "a.c, abc, false",
        "a,a,true",
        "a,b,false",
        "*,'',true",
        "*,x,true",
        "a*,a,true",
        "a*c,abc,true",
        "a*c,abcd,false",
        "*b*b,abab,true",
        "*b*b,aba,false",
        "a**,a,true",
        "a*b*c,axbxbc,true",
        "'',x,false",
    })
    void starsStandForAnyNumberOfCharacters(String pattern, String name, boolean matches) {
        assertThat(new Glob(pattern).matches(name)).isEqualTo(matches);
    }

    @Test
    void manyStarsTakeNoTime() {
        var glob = new Glob("a*".repeat(100) + "b");
        long beganNs = System.nanoTime();
        assertThat(glob.matches("a".repeat(256))).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(Duration.ofSeconds(5));
    }
}
