package dev.socketforwarder.runtime.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdminHandlerTest {

    @ParameterizedTest
    @CsvSource({"'',1000", "1000,1000", "99999999999,1000", "0,0", "999,999", "-1,-1", "many,many"})
    void noPageIsLongerThanAThousand(String asked, String bounded) {
        var parameters = new HashMap<>(Map.of("limit", asked));

        AdminHandler.boundPage(parameters);

        assertThat(parameters).containsEntry("limit", bounded);
    }

    @Test
    void aPageWithoutALimitIsBoundedToo() {
        var parameters = new HashMap<String, String>();

        AdminHandler.boundPage(parameters);

        assertThat(parameters).containsEntry("limit", "1000");
    }
}
