package dev.socketforwarder.transport.nats;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one forwarder tells the others now and then: how many members each of its groups has. Bounded in groups and in bytes.
 *
 * @param node the forwarder
 * @param name its name for operators
 * @param members how many members each group has, by the group's name
 */
record Census(long node, String name, Map<String, Integer> members) {
    /** Further groups are left out, since the message must fit into what servers allow. */
    static final int MOST_GROUPS = 1_000;

    private static final byte VERSION = 1;
    private static final int FIXED = 14;
    private static final int LONGEST_NAME = 64;
    private static final int LONGEST_GROUP = 256;
    private static final int MOST_BYTES =
            FIXED + LONGEST_NAME + MOST_GROUPS * (Short.BYTES + LONGEST_GROUP + Integer.BYTES);

    byte[] bytes() {
        var into = ByteBuffer.allocate(MOST_BYTES);
        into.put((byte) 'S').put((byte) 'P').put(VERSION).putLong(node);
        into.put((byte) name.length()).put(name.getBytes(StandardCharsets.US_ASCII));
        into.putShort((short) Math.min(MOST_GROUPS, members.size()));
        members.entrySet().stream().limit(MOST_GROUPS).forEach(each -> {
            var group = each.getKey().getBytes(StandardCharsets.UTF_8);
            into.putShort((short) group.length).put(group).putInt(each.getValue());
        });
        var message = new byte[into.position()];
        into.flip().get(message);
        return message;
    }

    /** {@return what a forwarder told; empty if these bytes are something else, whoever sent them} */
    static Optional<Census> read(byte[] message) {
        if (message.length < FIXED || message[0] != 'S' || message[1] != 'P' || message[2] != VERSION) {
            return Optional.empty();
        }
        try {
            var from = ByteBuffer.wrap(message).position(3);
            long node = from.getLong();
            var name = text(from, from.get());
            int groups = from.getShort();
            if (!NatsSettings.NAME.matcher(name).matches() || groups < 0 || groups > MOST_GROUPS) {
                return Optional.empty();
            }
            var members = new HashMap<String, Integer>();
            for (int i = 0; i < groups; i++) {
                members.put(text(from, from.getShort()), Math.max(0, from.getInt()));
            }
            return Optional.of(new Census(node, name, Map.copyOf(members)));
        } catch (BufferUnderflowException | NegativeArraySizeException _) {
            return Optional.empty();
        }
    }

    private static String text(ByteBuffer from, int length) {
        if (length > from.remaining()) {
            throw new BufferUnderflowException();
        }
        var bytes = new byte[length];
        from.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
