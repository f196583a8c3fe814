package dev.socketforwarder.transport.nats;

import dev.socketforwarder.api.GroupId;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Makes the NATS subjects of groups. The last token of a subject is the group's name, in which each byte of UTF-8 that is not an
 * ASCII letter, a digit, {@code -} or {@code _} is written as {@code =XX}, two upper-case hexadecimal digits. So every name is one
 * valid token, and no two names share a token.
 *
 * @param prefix the first tokens of all subjects
 */
record Subjects(String prefix) {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /** {@return the subject of a group} */
    String of(GroupId group) {
        var subject = new StringBuilder(prefix).append('.');
        for (byte each : group.name().getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(each)) {
                subject.append((char) each);
            } else {
                HEX.toHexDigits(subject.append('='), each);
            }
        }
        return subject.toString();
    }

    /** {@return the subject on which forwarders tell how many members they have; no group has this subject, since it has a dollar sign} */
    String ofPresence() {
        return prefix + ".$presence";
    }

    private static boolean isPlain(byte each) {
        return each >= 'a' && each <= 'z'
                || each >= 'A' && each <= 'Z'
                || each >= '0' && each <= '9'
                || each == '-'
                || each == '_';
    }
}
