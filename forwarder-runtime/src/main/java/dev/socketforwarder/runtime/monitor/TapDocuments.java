package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.groups.Tap;
import dev.socketforwarder.runtime.text.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Tells the messages of a group as they come, as text or as hexadecimal digits. */
final class TapDocuments implements Answer.Source {
    private final GroupRegistry groups;
    private final Tap tap;
    private final boolean asHex;
    private final InstantSource clock;

    TapDocuments(GroupRegistry groups, GroupId group, boolean asHex, InstantSource clock) {
        this.groups = groups;
        this.tap = groups.tap(group);
        this.asHex = asHex;
        this.clock = clock;
    }

    @Override
    public Optional<ObjectNode> next(Duration limit) throws InterruptedException {
        var message = tap.next(limit);
        long skipped = tap.skipped();
        if (message.isEmpty() && skipped == 0) {
            return Optional.empty();
        }
        var document = Json.object().put("time", clock.instant().toString());
        message.ifPresent(given -> document.put("bytes", given.length()).put("text", shown(given)));
        return Optional.of(document.put("skipped", skipped));
    }

    private String shown(Tap.Message message) {
        var cut = message.length() > message.bytes().length ? "..." : "";
        return (asHex ? HexFormat.ofDelimiter(" ").formatHex(message.bytes()) : text(message.bytes())) + cut;
    }

    /** {@return the bytes as text with everything escaped that a terminal would act on} */
    private static String text(byte[] bytes) {
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return Printable.line(text.toString());
        } catch (CharacterCodingException _) {
            return Printable.line(new String(bytes, StandardCharsets.ISO_8859_1));
        }
    }

    @Override
    public void close() {
        groups.untap(tap);
    }
}
