package dev.socketforwarder.runtime.policies;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One rule of the setting {@code certificate-groups}: {@code group:NAME=pattern}, or {@code NAME=pattern} alone.
 *
 * @param group the group, where {@code *} stands for the text that the pattern's {@code *} matched; empty if the first
 *     message names the group
 * @param name the name of the certificate to match
 * @param before the pattern's text before its {@code *}
 * @param after the pattern's text after its {@code *}
 * @param isWhole whether the pattern has no {@code *}, so that {@code before} is the whole name
 */
record CertificateRule(String group, Name name, String before, String after, boolean isWhole) {
    private static final Pattern RULE = Pattern.compile("(?:(.+?):)?(CN|DNS|EMAIL|URI)=([^=].*)", Pattern.DOTALL);

    /** The kinds of names in a certificate. */
    enum Name {
        /** The subject's common name, if it has exactly one. */
        CN(-1),
        /** A host name among the alternative names. */
        DNS(2),
        /** A mail address among the alternative names. */
        EMAIL(1),
        /** A URI among the alternative names, as in SPIFFE. */
        URI(6);

        private final int type; // the type of a GeneralName in RFC 5280

        Name(int type) {
            this.type = type;
        }
    }

    /**
     * Parse a rule.
     *
     * @throws IllegalArgumentException if the text is not a rule
     */
    static CertificateRule parse(String text) {
        var parts = RULE.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException(text);
        }
        var group = parts.group(1) == null ? "" : parts.group(1);
        var pattern = parts.group(3);
        int star = pattern.indexOf('*');
        if (star != pattern.lastIndexOf('*')
                || group.indexOf('*') != group.lastIndexOf('*')
                || star < 0 && group.indexOf('*') >= 0) {
            throw new IllegalArgumentException(text);
        }
        var name = Name.valueOf(parts.group(2));
        return star < 0
                ? new CertificateRule(group, name, pattern, "", true)
                : new CertificateRule(group, name, pattern.substring(0, star), pattern.substring(star + 1), false);
    }

    /** {@return the certificate's group by this rule, possibly empty; nothing if the rule does not match} */
    Optional<String> groupOf(X509Certificate certificate) {
        return namesOf(certificate).stream()
                .map(this::starred)
                .flatMap(Optional::stream)
                .findFirst()
                .map(starred -> group.replace("*", starred));
    }

    /** {@return whether this rule matches every certificate that the other rule matches} */
    boolean covers(CertificateRule other) {
        if (name != other.name || isWhole && !other.isWhole) {
            return false;
        }
        // A star matches one character or more.
        return starred(other.isWhole ? other.before : other.before + "?" + other.after)
                        .isPresent()
                && (other.isWhole
                        || other.before.length() >= before.length() && other.after.length() >= after.length());
    }

    /** {@return the text that the star matches in this name; nothing if the pattern does not match} */
    private Optional<String> starred(String text) {
        // Only host names ignore case.
        boolean ignoreCase = name == Name.DNS;
        if (isWhole) {
            boolean same = ignoreCase ? text.equalsIgnoreCase(before) : text.equals(before);
            return same ? Optional.of("") : Optional.empty();
        }
        int length = text.length() - before.length() - after.length();
        if (length < 1
                || !text.regionMatches(ignoreCase, 0, before, 0, before.length())
                || !text.regionMatches(ignoreCase, text.length() - after.length(), after, 0, after.length())) {
            return Optional.empty();
        }
        var starred = text.substring(before.length(), before.length() + length);
        return Optional.of(ignoreCase ? starred.toLowerCase(Locale.ROOT) : starred);
    }

    private List<String> namesOf(X509Certificate certificate) {
        if (name == Name.CN) {
            var names = commonNames(certificate.getSubjectX500Principal().getName("RFC2253"));
            return names.size() == 1 ? names : List.of(); // several common names would be ambiguous
        }
        try {
            var alternatives = certificate.getSubjectAlternativeNames();
            return alternatives == null
                    ? List.of()
                    : alternatives.stream()
                            .filter(each -> each.get(0).equals(name.type))
                            .map(each -> (String) each.get(1))
                            .toList();
        } catch (CertificateParsingException _) {
            return List.of();
        }
    }

    /** {@return the values of CN in a distinguished name in the form of RFC 2253} */
    static List<String> commonNames(String subject) {
        var names = new ArrayList<String>();
        var key = new StringBuilder();
        var value = new ByteArrayOutputStream();
        boolean inKey = true;
        for (int i = 0; i <= subject.length(); i++) {
            char c = i < subject.length() ? subject.charAt(i) : ',';
            if (c == ',' || c == '+') {
                var text = value.toString(StandardCharsets.UTF_8);
                if (key.toString().equals("CN")) {
                    names.add(text.startsWith("#") ? "" : text); // a value that is not text counts, but matches nothing
                }
                key.setLength(0);
                value.reset();
                inKey = true;
            } else if (inKey && c == '=') {
                inKey = false;
            } else if (inKey) {
                key.append(c);
            } else if (c == '\\' && i + 2 < subject.length() && isHex(subject, i + 1)) {
                value.write(HexFormat.fromHexDigits(subject, i + 1, i + 3));
                i += 2;
            } else {
                i += c == '\\' && i + 1 < subject.length() ? 1 : 0;
                value.writeBytes(utf8(subject, i));
                i += Character.charCount(subject.codePointAt(i)) - 1;
            }
        }
        return names;
    }

    private static boolean isHex(String text, int at) {
        return HexFormat.isHexDigit(text.charAt(at)) && HexFormat.isHexDigit(text.charAt(at + 1));
    }

    private static byte[] utf8(String text, int at) {
        return Character.toString(text.codePointAt(at)).getBytes(StandardCharsets.UTF_8);
    }
}
