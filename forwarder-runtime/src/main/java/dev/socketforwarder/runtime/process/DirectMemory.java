package dev.socketforwarder.runtime.process;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Finds how much direct memory the process may use, from the options that started it. */
public final class DirectMemory {
    private static final Pattern OPTION = Pattern.compile("-XX:MaxDirectMemorySize=([0-9]{1,15})([kKmMgGtT]?)");

    private DirectMemory() {}

    /** {@return the limit in bytes} */
    public static long limit() {
        var arguments = ProcessHandle.current().info().arguments().orElse(new String[0]);
        return option(arguments, System.getenv()).orElse(Runtime.getRuntime().maxMemory());
    }

    /** {@return the limit that the options set; the last option wins, and 0 means no limit} */
    public static OptionalLong option(String[] arguments, Map<String, String> environment) {
        var all = new ArrayList<String>(words(environment.getOrDefault("JAVA_TOOL_OPTIONS", "")));
        all.addAll(words(environment.getOrDefault("JDK_JAVA_OPTIONS", "")));
        all.addAll(Arrays.asList(arguments));
        all.addAll(words(environment.getOrDefault("_JAVA_OPTIONS", "")));
        return all.stream()
                .map(OPTION::matcher)
                .filter(matcher -> matcher.matches())
                .mapToLong(matcher -> Long.parseLong(matcher.group(1)) << shift(matcher.group(2)))
                .reduce((_, last) -> last)
                .stream()
                .filter(bytes -> bytes > 0)
                .findFirst();
    }

    private static List<String> words(String options) {
        return Arrays.stream(options.split("\\s+"))
                .map(word -> word.replaceAll("[\"']", ""))
                .toList();
    }

    private static int shift(String unit) {
        return 10 * (1 + "kmgt".indexOf(unit.isEmpty() ? "?" : unit.toLowerCase(Locale.ROOT)));
    }
}
