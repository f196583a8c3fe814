package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.runtime.monitor.Request.BadParameterException;
import dev.socketforwarder.runtime.text.Printable;
import java.io.ByteArrayOutputStream;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes and reads the parameters of a request as a URL carries them: {@code NAME=VALUE&...}, in UTF-8 with percent escapes. */
public final class Parameters {
    private Parameters() {}

    /** {@return the parameters in one text} */
    public static String encoded(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    /**
     * {@return the parameters in a text, which the caller may change}
     *
     * @param text each character is a byte that came
     * @throws BadParameterException if an escape is wrong or a parameter comes twice, since a guess might do something else than
     *     the sender meant
     */
    public static Map<String, String> decoded(String text) {
        var parameters = new LinkedHashMap<String, String>();
        for (var each : text.split("&")) {
            if (!each.isEmpty()) {
                int equals = each.indexOf('=');
                var name = decodedPart(equals < 0 ? each : each.substring(0, equals));
                if (parameters.put(name, equals < 0 ? "" : decodedPart(each.substring(equals + 1))) != null) {
                    throw new BadParameterException(Printable.quoted(name) + " is given twice");
                }
            }
        }
        return parameters;
    }

    private static String decodedPart(String text) {
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                bytes.write(escapedByte(text, i + 1));
                i += 2;
            } else {
                bytes.write(c == '+' ? ' ' : c);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException _) {
            throw new BadParameterException(Printable.quoted(text) + " is no UTF-8");
        }
    }

    private static int escapedByte(String text, int at) {
        if (at + 2 > text.length() || !isHex(text.charAt(at)) || !isHex(text.charAt(at + 1))) {
            throw new BadParameterException(
                    Printable.quoted(text) + " has a percent sign without two hexadecimal digits");
        }
        return HexFormat.fromHexDigits(text, at, at + 2);
    }

    private static boolean isHex(char c) {
        return HexFormat.isHexDigit(c);
    }
}
