package dev.socketforwarder.benchmarks.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Horizontal bars in sections, as SVG. Each section has a scale of its own: they have little in common. */
final class Chart {
    private static final int WIDTH = 760;
    private static final int LABELS = 130;
    private static final int FIGURES = 90;
    private static final int BAR = 16;
    private static final int GAP = 5;
    private static final String OURS = "#1f6f8b";
    private static final String OTHERS = "#b0b7bd";

    /**
     * One server's figure.
     *
     * @param least and {@code most}: the range of the rounds
     * @param isOurs whether it stands out
     */
    record Bar(String label, double value, double least, double most, boolean isOurs) {}

    private record Section(String title, List<Bar> bars) {}

    private final String title;
    private final List<Section> sections = new ArrayList<>();

    Chart(String title) {
        this.title = title;
    }

    void add(String section, List<Bar> bars) {
        sections.add(new Section(section, List.copyOf(bars)));
    }

    String svg() {
        var body = new StringBuilder();
        int y = text(body, 10, 24, "font-size=\"15\" font-weight=\"bold\"", title) + 8;
        for (var section : sections) {
            y = text(body, 10, y + 22, "font-weight=\"bold\"", section.title());
            y = bars(body, y + 8, section.bars());
        }
        return """
                <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
                <rect width="100%%" height="100%%" fill="white"/>
                %s</svg>
                """.formatted(WIDTH, y + 10, body);
    }

    private static int bars(StringBuilder body, int top, List<Bar> bars) {
        double largest = bars.stream().mapToDouble(Bar::most).max().orElse(1);
        double scale = (WIDTH - LABELS - FIGURES) / Math.max(largest, Double.MIN_NORMAL);
        int y = top;
        for (var bar : bars) {
            text(body, 20, y + BAR - 4, "", bar.label());
            body.append(format(
                    "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                    LABELS, y, scale * bar.value(), BAR, bar.isOurs() ? OURS : OTHERS));
            body.append(format(
                    "<path d=\"M%.1f %d H%.1f\" stroke=\"black\"/>%n",
                    LABELS + scale * bar.least(), y + BAR / 2, LABELS + scale * bar.most()));
            text(body, LABELS + 6 + (int) (scale * bar.most()), y + BAR - 4, "", format("%,.0f", bar.value()));
            y += BAR + GAP;
        }
        return y;
    }

    private static int text(StringBuilder body, int x, int y, String attributes, String text) {
        var escaped = text.replace("&", "&amp;").replace("<", "&lt;");
        body.append(format("<text x=\"%d\" y=\"%d\" %s>%s</text>%n", x, y, attributes, escaped));
        return y;
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
