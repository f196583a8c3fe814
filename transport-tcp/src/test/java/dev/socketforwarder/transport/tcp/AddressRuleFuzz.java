package dev.socketforwarder.transport.tcp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.kit.AddressBlock;
import dev.socketforwarder.api.kit.AddressFilter;
import dev.socketforwarder.testkit.MapSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Fuzz target: settings that admit addresses. The first byte chooses what the rest is: a block of addresses, a rule, or
 * the lists {@code allow} and {@code deny}, one element per line, with a dash before denied ones. A text that is
 * accepted must mean the addresses that {@link AddressModel} says; all others must be refused.
 */
public final class AddressRuleFuzz {
    private static final int KINDS = 3;
    private static final int MOST_ELEMENTS = 8;
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9.-]*");

    private AddressRuleFuzz() {}

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        var text = new String(input, 1, input.length - 1, UTF_8);
        switch ((input[0] & 0xff) % KINDS) {
            case 0 -> checkBlock(text);
            case 1 -> checkRule(text);
            default -> checkFilter(text.lines().limit(MOST_ELEMENTS).toList());
        }
    }

    private static void checkBlock(String text) {
        var model = AddressModel.block(text);
        AddressBlock block;
        try {
            block = AddressBlock.parse(text);
        } catch (IllegalArgumentException _) {
            assertThat(model.isPresent() && AddressModel.isPlain(text))
                    .as("refused: %s", text)
                    .isFalse();
            return;
        }
        assertThat(model).as("accepted: %s", text).isPresent();
        for (var each : model.get().around()) {
            assertThat(block.contains(each))
                    .as("%s in %s", each, text)
                    .isEqualTo(model.get().contains(AddressModel.of(each)));
        }
    }

    private static void checkRule(String text) {
        AddressRule rule;
        try {
            rule = AddressRule.parse(text);
        } catch (IllegalArgumentException _) {
            assertThat(isPlainRule(text)).as("refused: %s", text).isFalse();
            return;
        }
        int colon = text.lastIndexOf(':');
        var port = text.substring(colon + 1);
        int number = port.equals("*") ? 0 : portOf(port);
        assertThat(number).as("accepted: %s", text).isNotNegative();
        assertThat(GroupId.isValid(rule.group())).isTrue();
        assertThat(text.substring(0, colon)).isIn(forms(rule));
        assertThat(hasBareIpv6(text.substring(0, colon)))
                .as("accepted: %s", text)
                .isFalse();
        var model = AddressModel.block(rule.host());
        assertThat(rule.isKnown()).as("known: %s", text).isEqualTo(isAddress(rule.host()));
        for (var each : model.map(AddressModel::around).orElse(List.of(InetAddress.getLoopbackAddress()))) {
            boolean isIn = isAddress(rule.host()) && model.orElseThrow().contains(AddressModel.of(each));
            for (int from : new int[] {1, 80, 65_535}) {
                assertThat(rule.fits(new InetSocketAddress(each, from)))
                        .as("%s port %s in %s", each, from, text)
                        .isEqualTo(isIn && (number == 0 || number == from));
            }
        }
    }

    /** {@return whether a host is an address} */
    private static boolean isAddress(String host) {
        return AddressModel.block(host).isPresent();
    }

    private static int portOf(String text) {
        int port = PORT.matcher(text).matches() ? Integer.parseInt(text) : -1;
        return port >= 1 && port <= 65_535 ? port : -1;
    }

    /** {@return the ways in which this group and host may have been written} */
    private static List<String> forms(AddressRule rule) {
        var host = rule.host();
        var forms = new ArrayList<>(List.of(rule.group() + ":" + host, rule.group() + ":[" + host + "]"));
        int slash = host.indexOf('/');
        if (slash >= 0) {
            forms.add(rule.group() + ":[" + host.substring(0, slash) + "]" + host.substring(slash));
        }
        return forms;
    }

    /** {@return whether an IPv6 address without brackets follows one of the colons} */
    private static boolean hasBareIpv6(String text) {
        for (int colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
            var rest = text.substring(colon + 1);
            if (rest.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")
                    && AddressModel.block(rest).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isPlainRule(String text) {
        var words = text.split(":", -1);
        boolean isPlain = words.length == 3 && NAME.matcher(words[0]).matches() && words[0].length() <= 64;
        return isPlain
                && (words[2].equals("*") || portOf(words[2]) > 0)
                && (NAME.matcher(words[1]).matches()
                        || AddressModel.isPlain(words[1])
                                && AddressModel.block(words[1]).isPresent());
    }

    private static void checkFilter(List<String> lines) {
        var denied = lines.stream()
                .filter(line -> line.startsWith("-"))
                .map(line -> line.substring(1))
                .toList();
        var allowed = lines.stream().filter(line -> !line.startsWith("-")).toList();
        AddressFilter filter;
        try {
            filter = AddressFilter.read(new MapSettings(Map.of("allow", allowed, "deny", denied)));
        } catch (SettingException _) {
            assertThat(lines).anyMatch(line -> {
                var element = line.startsWith("-") ? line.substring(1) : line;
                return AddressModel.block(element).isEmpty() || !AddressModel.isPlain(element);
            });
            return;
        }
        var ins = models(allowed);
        var outs = models(denied);
        assertThat(filter.admitsAll()).isEqualTo(lines.isEmpty());
        var asked = new ArrayList<>(List.of(InetAddress.getLoopbackAddress()));
        ins.forEach(each -> asked.addAll(each.around()));
        outs.forEach(each -> asked.addAll(each.around()));
        for (var each : asked) {
            var one = AddressModel.of(each);
            boolean isIn = ins.isEmpty() || ins.stream().anyMatch(block -> block.contains(one));
            boolean isOut = outs.stream().anyMatch(block -> block.contains(one));
            assertThat(filter.admits(each)).as("%s by %s", each, lines).isEqualTo(isIn && !isOut);
        }
    }

    private static List<AddressModel> models(List<String> texts) {
        return texts.stream()
                .map(AddressModel::block)
                .map(Optional::orElseThrow)
                .toList();
    }
}
