package dev.socketforwarder.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AllocationTest {

    @Test
    void whatThreadsAllocatedIsAddedUpButNotWhatAskingCosts() {
        var dump = """
                "event-loop-0" #20 [7] prio=5 os_prio=0 cpu=1.20ms elapsed=2.00s allocated=1000B defined_classes=0 tid=0x1
                   java.lang.Thread.State: RUNNABLE
                "a "quoted" one" #21 [8] prio=5 os_prio=0 cpu=1.20ms elapsed=2.00s allocated=2K defined_classes=0 tid=0x2
                "Attach Listener" #22 [9] daemon prio=9 os_prio=0 cpu=1.20ms elapsed=2.00s allocated=9M defined_classes=0 tid=0x3
                "VM Thread" os_prio=0 cpu=1.20ms elapsed=2.00s tid=0x4 runnable
                """;

        assertThat(Allocation.bytes(dump)).isEqualTo(1000 + 2 * 1024);
    }

    @Test
    void aRunningJavaIsAsked() throws Exception {
        assertThat(Allocation.bytes(ProcessHandle.current().pid())).isPositive();
    }
}
