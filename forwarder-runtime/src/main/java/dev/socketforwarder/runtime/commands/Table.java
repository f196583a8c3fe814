package dev.socketforwarder.runtime.commands;

import java.io.PrintStream;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/** Prints JSON objects as rows, in columns as wide as their widest text. */
final class Table {
    private static final String GAP = "  ";

    /**
     * One column.
     *
     * @param text gives what the column has for an object
     */
    record Column(String heading, Function<JsonNode, String> text) {}

    private Table() {}

    static void print(List<JsonNode> objects, List<Column> columns, PrintStream out) {
        var lines = new StringBuilder[objects.size() + 1];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = new StringBuilder();
        }
        for (var column : columns) {
            int start = lines[0].length();
            lines[0].append(column.heading());
            for (int i = 1; i < lines.length; i++) {
                lines[i].append(column.text().apply(objects.get(i - 1)));
            }
            int width = 0;
            for (var line : lines) {
                width = Math.max(width, line.length() - start);
            }
            for (var line : lines) {
                line.repeat(' ', start + width - line.length()).append(GAP);
            }
        }
        for (var line : lines) {
            out.println(line.toString().stripTrailing());
        }
    }
}
