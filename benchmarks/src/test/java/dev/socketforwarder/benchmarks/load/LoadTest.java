package dev.socketforwarder.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class LoadTest {

    private static Result run(Target target, String scenario) throws IOException {
        try (var load = Load.open(target, Scenario.of("test", scenario))) {
            assertThat(load.run().isClean()).as("the first run").isTrue();
            return load.run();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "receivers=3 count=500 window=7, 1500",
        "receivers=2 count=20 window=3 bursts=true, 40",
        "receivers=2 senders=2 count=200 window=8, 400",
        "receivers=3 senders=3 both=true count=300 window=5, 600",
        "receivers=3 senders=2 both=true count=300 window=5, 600",
        "receivers=2 count=50 rate=1000, 100"
    })
    void allDeliveriesAreCounted(String scenario, long deliveries) throws IOException {
        try (var hub = new TcpHub()) {
            var result = run(hub.target(), scenario);

            assertThat(result.delivered()).isEqualTo(deliveries);
            assertThat(result.isClean()).isTrue();
            assertThat(result.latencyNs().getTotalCount()).isEqualTo(deliveries);
        }
    }

    @Test
    void aRateIsKept() throws IOException {
        try (var hub = new TcpHub()) {
            assertThat(run(hub.target(), "receivers=1 count=100 rate=500").seconds())
                    .isGreaterThan(0.19);
        }
    }

    @Test
    void lostDatagramsAreCounted() throws IOException {
        try (var hub = new UdpHub(number -> number != Message.PROBE && (number % 10 == 5 || number >= 90));
                var load = Load.open(hub.target(), Scenario.of("test", "kind=udp receivers=3 count=100 window=4"))) {
            var result = load.run();

            assertThat(result.sent()).isEqualTo(100);
            assertThat(result.lost()).isEqualTo(3 * 19);
            assertThat(result.delivered()).isEqualTo(3 * 81);
            assertThat(result.disordered() + result.damaged()).isZero();
        }
    }

    @Test
    void aServerThatClosesAMemberFailsTheRun() throws IOException {
        try (var hub = new TcpHub();
                var load = Load.open(hub.target(), Scenario.of("test", "receivers=2 count=10"))) {
            hub.end();
            assertThatThrownBy(load::run).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aScenarioIsReadFromItsText() {
        assertThat(Scenario.of("a", "kind=udp receivers=3 rate=10").kind()).isEqualTo(Scenario.Kind.UDP);
        assertThatThrownBy(() -> Scenario.of("a", "receivers=3 sise=10")).hasMessageContaining("unknown: sise");
        assertThatThrownBy(() -> Scenario.of("a", "receivers")).hasMessageContaining("KEY=VALUE");
        assertThatThrownBy(() -> Scenario.of("a", "size=3")).hasMessageContaining("17");
        assertThatThrownBy(() -> Scenario.of("a", "receivers=1 both=true")).hasMessageContaining("both");
    }
}
