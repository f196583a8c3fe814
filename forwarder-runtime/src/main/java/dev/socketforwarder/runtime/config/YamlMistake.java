package dev.socketforwarder.runtime.config;

import dev.socketforwarder.runtime.text.Printable;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/**
 * Says in words why a text is no YAML, and where the mistake probably is, which may be long before the place where the parser gave
 * up. The words never contain anything of the text but a single character, since the text may hold a secret.
 *
 * @param line counted from 1
 */
record YamlMistake(int line, String words) {
    private static final int UNKNOWN = -1;

    /** {@return what is wrong with the text} */
    static YamlMistake of(String text, MarkedYamlEngineException e) {
        var problem = e.getProblem() == null ? "" : e.getProblem();
        var context = e.getContext() == null ? "" : e.getContext();
        int at = e.getProblemMark().map(Mark::getLine).orElse(0);
        int column = e.getProblemMark().map(Mark::getColumn).orElse(0);
        int begin = e.getContextMark().map(Mark::getLine).orElse(at);
        var lines = text.lines().toList();
        if (problem.contains("TAB")) {
            return at(at, "a tab stands here, and YAML takes only blanks");
        }
        int quote = openQuote(lines, at);
        if (quote != UNKNOWN) {
            return at(quote, "a quote begins here that is not closed on this line");
        }
        if (problem.startsWith("expected ',' or ']'")) {
            return at(begin, "the list that begins here lacks a comma or its closing ]");
        }
        if (problem.startsWith("expected ',' or '}'")) {
            return at(begin, "the map that begins here lacks a comma or its closing }");
        }
        if (problem.contains("cannot start any token")) {
            return at(at, "a value that begins with " + character(problem) + " must be in quotes");
        }
        if (context.contains("an alias") || context.contains("an anchor")) {
            return at(at, "a value that begins with * or & must be in quotes");
        }
        if (problem.startsWith("expected the node content")) {
            return at(at, "a value is missing here, or has to be in quotes, as one with a colon or a bracket has");
        }
        boolean isColon = problem.startsWith("mapping values");
        boolean isStructure = isColon
                || problem.startsWith("could not find expected ':'")
                || problem.startsWith("expected <block end>");
        return isStructure
                ? structure(lines, at, column, context.contains("simple key") ? begin : UNKNOWN, isColon)
                : at(at, Printable.line(problem.isEmpty() ? "it cannot be parsed" : withoutHandle(problem)));
    }

    private static YamlMistake at(int line, String words) {
        return new YamlMistake(line + 1, words);
    }

    private static String character(String problem) {
        int quote = problem.indexOf('\'');
        return problem.substring(quote + 1, Math.min(problem.length(), quote + 2));
    }

    /** The handle is text of the file, and may be an unquoted secret that begins with an exclamation mark. */
    private static String withoutHandle(String problem) {
        return problem.lines().findFirst().orElse("").replaceFirst("(tag handle) .*", "$1");
    }

    /** {@return what is wrong with the keys and the indentation around line {@code at}} */
    private static YamlMistake structure(List<String> lines, int at, int column, int key, boolean isColon) {
        var line = at < lines.size() ? lines.get(at) : "";
        int colon = line.indexOf(": ");
        if (colon >= 0 && colon < column) {
            return at(
                    at,
                    isColon
                            ? "the value has a colon, so it must be in quotes"
                            : "something follows behind the end of a value: a quote within quotes is written twice ('') or"
                                    + " as \\\"");
        }
        int before = before(lines, at);
        for (int suspect : new int[] {key, before, at}) {
            var fault = suspect < 0 || suspect >= lines.size() ? Optional.<String>empty() : faultOf(lines.get(suspect));
            if (fault.isPresent()) {
                return at(suspect, fault.get());
            }
        }
        int blanks = blanks(line);
        return before != UNKNOWN && blanks > blanks(lines.get(before))
                ? at(at, "this line is indented deeper than line " + (before + 1) + ", which has its value already")
                : at(
                        at,
                        "this line is indented by " + blanks
                                + ", unlike the lines before it: the keys of one map begin in" + " one column");
    }

    /** {@return the last line before {@code at} that is not empty or a comment} */
    private static int before(List<String> lines, int at) {
        int line = Math.min(at, lines.size()) - 1;
        while (line >= 0
                && (lines.get(line).isBlank() || lines.get(line).strip().startsWith("#"))) {
            line--;
        }
        return line;
    }

    private static int blanks(String line) {
        return line.length() - line.stripLeading().length();
    }

    /** {@return what keeps a line from being a key with its value, or an element of a list} */
    static Optional<String> faultOf(String line) {
        var content = line.strip();
        if (content.startsWith("-") && !content.startsWith("- ") && !content.equals("-")) {
            return Optional.of("a blank is missing behind the dash");
        }
        if (content.startsWith("- ") || content.matches("[^:]*:(\\s.*)?")) {
            return Optional.empty();
        }
        if (content.matches("[\\w.-]+:.*")) {
            return Optional.of("a blank is missing behind the colon, as in \"port: 6753\"");
        }
        return content.matches("[\\w.-]+\\s*(=|\\s).*|[\\w.-]+")
                ? Optional.of("a colon is missing behind the key, as in \"port: 6753\"")
                : Optional.empty();
    }

    /**
     * {@return the line of a quote that is open at the end of its line, and that is not closed before line {@code last} as a quote
     * of several lines is}
     */
    private static int openQuote(List<String> lines, int last) {
        char quote = 0; // none is open
        int begin = UNKNOWN;
        for (int i = 0; i <= Math.min(last, lines.size() - 1); i++) {
            var line = lines.get(i);
            char before = ':'; // the last one that is not blank
            for (int j = 0; j < line.length(); j++) {
                char c = line.charAt(j);
                boolean isApart = j == 0 || line.charAt(j - 1) == ' ';
                if (quote == 0 && c == '#' && isApart) {
                    break;
                }
                if (quote == 0 && (c == '"' || c == '\'') && ":,[{-".indexOf(before) >= 0) {
                    quote = c;
                    begin = i;
                } else if (quote == '"' && c == '\\') {
                    j++;
                } else if (c == quote) {
                    var rest = line.substring(j + 1).strip();
                    if (begin < i && !rest.isEmpty() && ":,]}#".indexOf(rest.charAt(0)) < 0) {
                        return begin;
                    }
                    quote = 0;
                }
                before = c == ' ' ? before : c;
            }
        }
        return quote == 0 ? UNKNOWN : begin;
    }
}
