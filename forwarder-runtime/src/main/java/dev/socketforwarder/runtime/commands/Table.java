package dev.socketforwarder.runtime.commands;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Prints rows in columns as wide as their widest text. */
final class Table {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    /** Make a table with these headings. */
    Table(String... headings) {
        rows.add(List.of(headings));
    }

    /** Add a row with a text for each heading. */
    void add(String... texts) {
        rows.add(List.of(texts));
    }

    void print(PrintStream out) {
        int columns = rows.getFirst().size();
        var widths = new int[columns];
        for (var row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (var row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                line.append(row.get(i))
                        .repeat(' ', widths[i] - row.get(i).length())
                        .append(GAP);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
