package dev.socketforwarder.runtime.text;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Reads and writes numbers, sizes, times and flags. */
public final class Values {
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");
    private static final String COUNT = "([0-9]{1,18}|[0-9]{1,12}\\.[0-9]{1,3}) ?";
    private static final Pattern SIZE = Pattern.compile(COUNT + "(b|[kmg]i?b?)?");
    private static final Pattern TIME = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,3})?) ?([a-z]*) ?");

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
        long unit = switch (matcher.group(2)) {
            case "k", "ki", "kib" -> 1 << 10;
            case "m", "mi", "mib" -> 1 << 20;
            case "g", "gi", "gib" -> 1 << 30;
            case "kb" -> 1_000;
            case "mb" -> 1_000_000;
            case "gb" -> 1_000_000_000;
            case null, default -> 1;
        };
        return whole(matcher.group(1), unit);
    }

    /** {@return so many units, if that is a whole number} */
    private static OptionalLong whole(String count, long unit) {
        try {
            return OptionalLong.of(
                    new BigDecimal(count).multiply(BigDecimal.valueOf(unit)).longValueExact());
        } catch (ArithmeticException _) {
            return OptionalLong.empty();
        }
    }

    public static Optional<Duration> duration(String text) {
        var all = text.strip().toLowerCase(Locale.ROOT);
        var time = TIME.matcher(all);
        var sum = Duration.ZERO;
        int end = 0;
        for (; end < all.length() && time.find(end) && time.start() == end; end = time.end()) {
            var part = whole(time.group(1), millis(time.group(2)));
            boolean isAlone = end == 0 && time.end() == all.length();
            if (part.isEmpty() || millis(time.group(2)) == 0 || time.group(2).isEmpty() && !isAlone) {
                return Optional.empty();
            }
            sum = sum.plusMillis(part.getAsLong());
        }
        return end > 0 && end == all.length() ? Optional.of(sum) : Optional.empty();
    }

    /** {@return the milliseconds of a unit; 0 if it is none} */
    private static long millis(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "", "s", "sec", "secs", "second", "seconds" -> 1_000;
            case "m", "min", "mins", "minute", "minutes" -> 60_000;
            case "h", "hour", "hours" -> 3_600_000;
            case "d", "day", "days" -> 86_400_000;
            default -> 0;
        };
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
        if (bytes == 0) {
            return "0";
        }
        for (int shift = 30; shift > 10; shift -= 10) {
            long eighths = bytes >> (shift - 3);
            if (bytes == eighths << (shift - 3) && eighths >= 8) {
                return BigDecimal.valueOf(125 * eighths, 3).stripTrailingZeros().toPlainString()
                        + (shift == 30 ? "GiB" : "MiB");
            }
        }
        if (bytes % 100_000 == 0 && bytes >= 1_000_000) {
            return BigDecimal.valueOf(bytes / 100_000, 1).stripTrailingZeros().toPlainString() + "MB";
        }
        return bytes % 1024 == 0 ? (bytes >> 10) + "KiB" : Long.toString(bytes);
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
        if (ms % 3_600_000 != 0) {
            return ms / 60_000 + "m";
        }
        return ms % 86_400_000 == 0 ? ms / 86_400_000 + "d" : ms / 3_600_000 + "h";
    }

    /** {@return the enum constant as the configuration writes it} */
    public static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
