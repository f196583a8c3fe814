package dev.socketforwarder.runtime.text;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Reads and writes numbers, sizes, times and flags. */
public final class Values {
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18}) ?(b|kib|mib|gib)?");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9}) ?(ms|s|m|h)?");

    private static final List<String> LARGE_UNITS = List.of("MiB", "GiB", "TiB");

    private Values() {}

    public static OptionalLong number(String text) {
        var digits = text.strip();
        return NUMBER.matcher(digits).matches() ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }

    public static OptionalLong size(String text) {
        var matcher = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        long count = Long.parseLong(matcher.group(1));
        int shift = switch (matcher.group(2)) {
            case "kib" -> 10;
            case "mib" -> 20;
            case "gib" -> 30;
            case null, default -> 0;
        };
        return count > Long.MAX_VALUE >> shift ? OptionalLong.empty() : OptionalLong.of(count << shift);
    }

    public static Optional<Duration> duration(String text) {
        var matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long count = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "ms" -> Duration.ofMillis(count);
                    case "m" -> Duration.ofMinutes(count);
                    case "h" -> Duration.ofHours(count);
                    case null, default -> Duration.ofSeconds(count);
                });
    }

    /** {@return the flag, also in the spellings that other programs use in the environment} */
    public static Optional<Boolean> flag(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on", "1" -> Optional.of(true);
            case "false", "no", "off", "0" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** {@return the size as the configuration writes it} */
    public static String shown(long bytes) {
        if (bytes == 0 || bytes % 1024 != 0) {
            return Long.toString(bytes);
        }
        if (bytes % (1 << 30) == 0) {
            return (bytes >> 30) + "GiB";
        }
        return bytes % (1 << 20) == 0 ? (bytes >> 20) + "MiB" : (bytes >> 10) + "KiB";
    }

    /** {@return the size as people say it} */
    public static String rounded(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + " B";
        }
        if (bytes < 1 << 20) {
            return (bytes >> 10) + " KiB";
        }
        double size = (double) bytes / (1 << 20);
        int unit = 0;
        for (; size >= 1_023.95 && unit < LARGE_UNITS.size() - 1; unit++) { // 1,024.0 would be shown
            size /= 1_024;
        }
        return String.format(Locale.ROOT, "%.1f %s", size, LARGE_UNITS.get(unit));
    }

    /** {@return a measured time or an age: in milliseconds below two seconds, otherwise in its two largest units} */
    public static String rounded(Duration time) {
        long ms = Math.max(0, time.toMillis());
        if (ms < 2_000) {
            return shown(Duration.ofMillis(ms));
        }
        var seconds = Duration.ofSeconds((ms + 500) / 1_000);
        if (seconds.toDays() > 0) {
            return units(seconds.toDays(), "d", seconds.toHoursPart(), "h");
        }
        return seconds.toHours() > 0
                ? units(seconds.toHours(), "h", seconds.toMinutesPart(), "m")
                : units(seconds.toMinutes(), "m", seconds.toSecondsPart(), "s");
    }

    private static String units(long large, String largeUnit, int small, String smallUnit) {
        var first = large == 0 ? "" : large + largeUnit;
        return small == 0 ? first : first + small + smallUnit;
    }

    /** {@return the number and the noun, in the plural unless there is one of them} */
    public static String counted(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** {@return the time as the configuration writes it} */
    public static String shown(Duration time) {
        long ms = time.toMillis();
        if (ms % 1000 != 0) {
            return ms + "ms";
        }
        if (ms == 0 || ms % 60_000 != 0) {
            return ms / 1000 + "s";
        }
        return ms % 3_600_000 == 0 ? ms / 3_600_000 + "h" : ms / 60_000 + "m";
    }

    /** {@return the enum constant as the configuration writes it} */
    public static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
