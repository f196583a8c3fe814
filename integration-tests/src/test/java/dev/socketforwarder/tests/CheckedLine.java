package dev.socketforwarder.tests;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A message of the honest traffic. It names its lane, sender and number, and its other bytes follow from these, so that
 * a receiver can tell whether any byte is wrong, missing or out of order.
 *
 * @param lane the lane's name, without blanks
 * @param sender the sender's index in its lane, from 0
 * @param number the message's index among those of its sender, from 0
 */
record CheckedLine(String lane, int sender, long number) {
    /** The beginning of lines that are not honest traffic. */
    static final char FOREIGN = '#';

    private static final int LONGEST_FILLING = 700;

    /** {@return the message with its line feed} */
    byte[] bytes() {
        var head = (lane + " " + sender + " " + number + " ").getBytes(StandardCharsets.US_ASCII);
        long state = mix(lane.hashCode() * 31L + sender * 1_000_003L + number);
        int filling = (int) (state >>> 33) % LONGEST_FILLING;
        var line = Arrays.copyOf(head, head.length + filling + 1);
        for (int i = head.length; i < line.length - 1; i++) {
            state = mix(state);
            line[i] = (byte) ('a' + (state >>> 40) % 26);
        }
        line[line.length - 1] = '\n';
        return line;
    }

    private static long mix(long value) {
        long mixed = value * 0x9e3779b97f4a7c15L + 0x632be59bd9b4e019L;
        return mixed ^ mixed >>> 29;
    }

    /** {@return whether this line is not honest traffic} */
    static boolean isForeign(byte[] line) {
        return line.length > 0 && line[0] == FOREIGN;
    }

    /** {@return the message of a line, with every byte checked} */
    static CheckedLine of(byte[] line) {
        var words = new String(line, StandardCharsets.US_ASCII).split(" ", 4);
        CheckedLine said;
        try {
            said = new CheckedLine(words[0], Integer.parseInt(words[1]), Long.parseLong(words[2]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new AssertionError("no message of the honest traffic: " + shown(line), e);
        }
        if (!Arrays.equals(said.bytes(), line)) {
            throw new AssertionError("a wrong byte in " + said + ": " + shown(line));
        }
        return said;
    }

    private static String shown(byte[] line) {
        var text = new String(line, StandardCharsets.ISO_8859_1).strip();
        return "'" + text.substring(0, Math.min(80, text.length())) + "' (" + line.length + " bytes)";
    }
}
