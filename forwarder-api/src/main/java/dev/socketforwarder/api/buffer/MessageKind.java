package dev.socketforwarder.api.buffer;

/**
 * Says what a sender meant a message to be. The kind travels with the message to all members that have an {@link Encoding}. Members
 * without an encoding neither see nor set a kind.
 */
public enum MessageKind {
    /** The sender did not say, as members of plain streams and of datagrams cannot. */
    NONE,
    /**
     * The message is text in UTF-8, by the word of the sender: the forwarder does not check it. What the forwarder itself says, such
     * as the {@code join-reply}, is of this kind too.
     */
    TEXT,
    /** The message is any bytes. */
    BINARY
}
