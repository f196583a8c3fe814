package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The fault campaign: honest members lose nothing, whatever else happens. {@code script/faults} runs it for longer, or
 * for some kinds of fault only.
 */
@Tag("network")
class FaultsTest {
    private static final int INJECTIONS = Integer.getInteger("faults.injections", 1);
    private static final String KINDS = System.getProperty("faults.kinds", "");
    private static final long SEED = Long.getLong("faults.seed", System.nanoTime());
    private static final Path TABLE = Path.of("target", "faults.md");

    @TempDir
    Path folder;

    @Test
    @Timeout(6 * 3_600) // each wait has its own limit; this is the longest campaign's
    void honestMembersLoseNothingWhateverElseHappens() throws Exception {
        System.out.println("faults: " + INJECTIONS + " of each kind, seed " + SEED);
        var faults = chosen();
        assertThat(faults).as("kinds of fault that contain '" + KINDS + "'").isNotEmpty();
        try (var scene = new Scene(folder)) {
            var campaign = new Campaign(scene, SEED, faults);
            try {
                campaign.run(INJECTIONS);
            } finally {
                System.out.println(campaign.table());
                Files.writeString(TABLE, campaign.table());
            }
        }
    }

    private static List<Fault> chosen() {
        return Campaign.allFaults().stream()
                .filter(fault -> fault.name().contains(KINDS))
                .toList();
    }
}
