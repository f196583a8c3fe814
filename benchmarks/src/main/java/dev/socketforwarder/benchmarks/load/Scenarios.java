package dev.socketforwarder.benchmarks.load;

import java.util.List;

/** The scenarios that servers are compared in. */
final class Scenarios {
    static final List<Scenario> ALL = List.of(
            Scenario.of("tcp-small", "receivers=20 count=30000 window=4"),
            Scenario.of("tcp-bulk", "receivers=20 count=500000 window=1024"),
            Scenario.of("tcp-paced", "receivers=20 count=3000 rate=1000"),
            Scenario.of("tcp-both", "receivers=20 senders=20 both=true count=100000 window=256"),
            Scenario.of("tcp-groups", "groups=100 receivers=5 count=2000 window=8"),
            Scenario.of("line-bulk", "kind=line receivers=20 count=500000 window=1024"),
            Scenario.of("tls-small", "kind=tls receivers=20 count=20000 window=4"),
            Scenario.of("ws-small", "kind=websocket receivers=20 count=20000 window=4"),
            Scenario.of("udp-small", "kind=udp receivers=20 count=15000 window=4"),
            Scenario.of("udp-burst", "kind=udp receivers=20 count=30000 window=64"),
            Scenario.of("udp-paced", "kind=udp receivers=20 count=3000 rate=1000"));

    private Scenarios() {}
}
