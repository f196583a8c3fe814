package dev.socketforwarder.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.server.ServerOptions;
import dev.socketforwarder.runtime.testing.Fakes;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Tests how many connections descriptors and heap allow. */
class ConnectionRoomTest {
    private static final long MIB = 1 << 20;
    private static final ConnectionRoom LARGE = new ConnectionRoom(OptionalInt.of(1 << 20), 8L << 30, false);

    private static ConnectionRoom descriptors(int limit) {
        return new ConnectionRoom(OptionalInt.of(limit), 1L << 40, false);
    }

    private static ServerOptions read(Configuration configuration, ConnectionRoom room) {
        return ServerOptions.read(configuration.topLevel(), room);
    }

    @Test
    void aReserveOfDescriptorsIsKept() {
        assertThat(descriptors(1_024).most()).isEqualTo(896);
        assertThat(descriptors(200).most()).isEqualTo(136);
        assertThat(descriptors(10).most()).isZero();
        assertThat(descriptors(1_048_576).most()).isEqualTo(1_047_552);
        assertThat(new ConnectionRoom(OptionalInt.empty(), 1L << 40, false).most())
                .isEqualTo(10_000);
        assertThat(ConnectionRoom.ofProcess(false).most()).isPositive();
    }

    @Test
    void theHeapBoundsConnectionsWhereDescriptorsDoNot() {
        var plain = new ConnectionRoom(OptionalInt.of(1 << 20), 40 * MIB, false);
        var tls = new ConnectionRoom(OptionalInt.of(1 << 20), 40 * MIB, true);

        // The measured memory of idle members must leave part of the heap free.
        assertThat(plain.most() * 2_800L).isBetween(10 * MIB, 24 * MIB);
        assertThat(tls.most() * 13_500L).isBetween(10 * MIB, 28 * MIB);
        assertThat(new ConnectionRoom(OptionalInt.of(1 << 20), MIB, false).most())
                .isZero();
    }

    @Test
    void whereFewFitAWarningSaysWhatBoundsThem() {
        var byHeap = Fakes.yaml("");
        assertThat(read(byHeap, new ConnectionRoom(OptionalInt.of(1 << 20), 40 * MIB, false))
                        .connections())
                .isEqualTo(7_168);
        assertThat(byHeap.warnings()).singleElement().asString().contains("\"7168\"", "a heap of 40 MiB", "-Xmx");

        var byDescriptors = Fakes.yaml("");
        assertThat(read(byDescriptors, descriptors(1_024)).connections()).isEqualTo(896);
        assertThat(byDescriptors.warnings()).singleElement().asString().contains("\"896\"", "ulimit -n, which is 1024");

        var enough = Fakes.yaml("");
        read(enough, LARGE);
        assertThat(enough.warnings()).isEmpty();
    }

    @Test
    void withoutRoomNothingStartsUnlessSaid() {
        for (int limit : new int[] {30, 64}) {
            assertThatThrownBy(() -> read(Fakes.yaml(""), descriptors(limit)))
                    .hasMessageStartingWith("there is room for only 0 connections, limited by ulimit -n")
                    .hasMessageContaining("set max-connections")
                    .hasMessageContaining("ulimit -n, which is " + limit);
        }
        var said = Fakes.yaml("max-connections: 3");
        assertThat(read(said, descriptors(64)).connections()).isEqualTo(3);
        assertThat(said.warnings())
                .singleElement()
                .asString()
                .startsWith("conf.yaml:1: max-connections is \"3\", but there");
    }

    @Test
    void moreThanThereIsRoomForIsToldWhereItStands() {
        var configuration = Fakes.yaml("debug: true\nmax-connections: 100000");

        assertThat(read(configuration, new ConnectionRoom(OptionalInt.of(1 << 20), 40 * MIB, false))
                        .connections())
                .isEqualTo(100_000);

        assertThat(configuration.warnings())
                .singleElement()
                .asString()
                .startsWith(
                        "conf.yaml:2: max-connections is \"100000\", but there is room for only 7168, limited by a heap of 40 MiB");
    }

    @Test
    void anyEndpointWithTlsMakesConnectionsDearer() {
        assertThat(Fakes.yaml("transports: {a: {port: 1}, b: {tls: {certificate: c}}}")
                        .mentionsInEndpoints("tls"))
                .isTrue();
        assertThat(Fakes.yaml("transports: {tls: {port: 1}}").mentionsInEndpoints("tls"))
                .isFalse();
    }
}
