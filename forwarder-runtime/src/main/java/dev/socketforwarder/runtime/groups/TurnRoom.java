package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.buffer.Block;
import java.nio.ByteBuffer;

/**
 * The memory of one owner for what codecs publish in a turn, and for what is encoded in a turn. An owner without codecs takes
 * no such memory. Used on the owner's thread.
 */
public final class TurnRoom {
    /** As much as one turn reads for a group. A message that finds no room here is copied elsewhere. */
    private static final int MESSAGES = 256 * 1024;

    /** Frames make short messages longer. What finds no room here is encoded into the group's memory. */
    private static final int ENCODED = 512 * 1024;

    private ByteBuffer messages; // null: no codec has published anything
    private Block messageBlock;
    private ByteBuffer encoded; // null: nothing has been encoded
    private Block encodedBlock;

    /** {@return whether queues refer to this memory, so that it must not change} */
    public boolean isReferred() {
        return messages != null && messageBlock.isReferred() || encoded != null && encodedBlock.isReferred();
    }

    /** Forget everything, because no queue refers to it any more. */
    public void recycle() {
        if (messages != null) {
            messages.clear();
            messageBlock.recycle();
        }
        if (encoded != null) {
            encoded.clear();
            encodedBlock.recycle();
        }
    }

    /** {@return the block that holds the messages} */
    Block messages() {
        if (messages == null) {
            messages = ByteBuffer.allocateDirect(MESSAGES);
            messageBlock = Block.borrowed(messages);
        }
        return messageBlock;
    }

    /** {@return where the copy of this message begins; -1 if there is no room for it} */
    int add(ByteBuffer message) {
        messages();
        int at = messages.position();
        if (messages.remaining() < message.remaining()) {
            return -1;
        }
        messages.put(at, message, message.position(), message.remaining());
        messages.position(at + message.remaining());
        return at;
    }

    /** {@return the block that holds what is encoded} */
    Block encoded() {
        return encodedBlock;
    }

    /** {@return where to write this many encoded bytes, from the position on; null if there is no room for them} */
    ByteBuffer forEncoded(long bytes) {
        if (encoded == null) {
            encoded = ByteBuffer.allocateDirect(ENCODED);
            encodedBlock = Block.borrowed(encoded);
        }
        return encoded.remaining() < bytes ? null : encoded;
    }
}
