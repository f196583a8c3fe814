package dev.socketforwarder.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class NKeyAuthTest {
    // Keys that the tool nk made for the documentation of NATS.
    private static final String SEED = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
    private static final String PUBLIC = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

    @Test
    void aSeedGivesThePublicKey() {
        var auth = NKeyAuth.of(SEED);
        assertThat(new String(auth.getID())).isEqualTo(PUBLIC);
        assertThat(auth.getJWT()).isNull();
        assertThat(auth.sign("nonce".getBytes(StandardCharsets.US_ASCII))).hasSize(64);
    }

    @Test
    void aCredentialsFileGivesBothParts() {
        var auth = NKeyAuth.of("-----BEGIN NATS USER JWT-----\neyJ0.eyJq._x-y\n------END NATS USER JWT------\n\n"
                + "************************* IMPORTANT *************************\n"
                + "-----BEGIN USER NKEY SEED-----\n" + SEED + "\n------END USER NKEY SEED------\n");
        assertThat(new String(auth.getJWT())).isEqualTo("eyJ0.eyJq._x-y");
        assertThat(new String(auth.getID())).isEqualTo(PUBLIC);
    }

    @Test
    void aWrongTextIsNeverShown() {
        for (var wrong : new String[] {"", "hunter2", SEED.substring(1), SEED.replace('3', '4')}) {
            assertThatThrownBy(() -> NKeyAuth.of(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("neither a credentials file of NATS nor the seed of a user's NKey")
                    .hasNoCause();
        }
    }
}
