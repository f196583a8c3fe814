package dev.socketforwarder.runtime.text;

/** Compares words by their spelling, to guess what somebody meant. */
public final class Spelling {
    private Spelling() {}

    /** {@return how many letters have to be put in, taken out or changed to make one word of the other (Levenshtein)} */
    public static int distance(String a, String b) {
        var row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j - 1], diagonal));
            }
        }
        return row[b.length()];
    }
}
