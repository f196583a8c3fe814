package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.groups.Tap;
import dev.socketforwarder.runtime.text.GroupText;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Makes documents of a group's messages as they come, as text or as hexadecimal digits, and logs who taps. */
final class TapDocuments implements Answer.Source {
    private static final Logger LOG = System.getLogger(TapDocuments.class.getName());

    private final GroupRegistry groups;
    private final GroupId group;
    private final Tap tap;
    private final boolean asHex;
    private final String by;
    private final InstantSource clock;
    private final Instant begun;
    private long shown;
    private long skipped;

    /**
     * Begin to tap.
     *
     * @param by who taps, for the log
     */
    TapDocuments(GroupRegistry groups, GroupId group, boolean asHex, String by, InstantSource clock) {
        this.groups = groups;
        this.group = group;
        this.tap = groups.tap(group);
        this.asHex = asHex;
        this.by = by;
        this.clock = clock;
        this.begun = clock.instant();
        LOG.log(Level.INFO, GroupText.named(group) + " is tapped by " + by); // from here on nothing is missed
    }

    @Override
    public Optional<ObjectNode> next(Duration limit) throws InterruptedException {
        var message = tap.next(limit);
        long missed = tap.skipped();
        if (message.isEmpty() && missed == 0) {
            return Optional.empty();
        }
        skipped += missed;
        var document = Json.object().put("time", clock.instant().toString());
        message.ifPresent(given -> {
            shown++;
            document.put("bytes", given.length()).put("text", text(given));
        });
        return Optional.of(document.put("skipped", missed));
    }

    private String text(Tap.Message message) {
        var bytes = message.bytes();
        boolean isCut = message.length() > bytes.length;
        return (asHex ? HexFormat.ofDelimiter(" ").formatHex(bytes) : Printable.text(bytes, isCut))
                + (isCut ? "..." : "");
    }

    @Override
    public void close() {
        groups.untap(tap);
        LOG.log(
                Level.INFO,
                GroupText.named(group) + " is no longer tapped by " + by + ": "
                        + Values.counted(shown, "message") + " shown and " + (skipped + tap.skipped())
                        + " skipped in " + Values.rounded(Duration.between(begun, clock.instant())));
    }
}
