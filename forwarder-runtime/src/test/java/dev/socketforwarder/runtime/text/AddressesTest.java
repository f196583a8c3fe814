package dev.socketforwarder.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;

/** Tests how addresses are shown. */
class AddressesTest {
    @Test
    void whatIsShownFitsOnOneLine() {
        assertThat(Addresses.shown(new InetSocketAddress("::", 6753))).isEqualTo("[::]:6753");
        assertThat(Addresses.shown(UnixDomainSocketAddress.of("/run/x\n"))).isEqualTo("/run/x\\n");
        assertThat(Addresses.shown(UnixDomainSocketAddress.of(""))).isEqualTo("an unnamed socket");
    }
}
