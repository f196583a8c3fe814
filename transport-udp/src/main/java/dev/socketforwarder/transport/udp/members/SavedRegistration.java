package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.api.kit.HostPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A registration that outlives its endpoint, as a line of text.
 *
 * @param address the member
 * @param from the address that its datagrams leave from; the wildcard lets the route decide
 * @param silenceMs how long nothing was heard of it, in milliseconds
 * @param sources the addresses that registered it last, oldest first
 */
public record SavedRegistration(
        InetSocketAddress address, InetAddress from, long silenceMs, List<InetSocketAddress> sources) {

    public SavedRegistration {
        sources = List.copyOf(sources);
    }

    static SavedRegistration of(Registration registration, long nowNs) {
        return new SavedRegistration(
                registration.address(),
                registration.from(),
                TimeUnit.NANOSECONDS.toMillis(Math.max(0, nowNs - registration.heardNs())),
                registration.registrants().stream().map(Registrant::source).toList());
    }

    /** {@return the line of this registration} */
    public String line() {
        return Stream.concat(
                        Stream.of(AddressText.of(address), AddressText.of(from), Long.toString(silenceMs)),
                        sources.stream().map(AddressText::of))
                .collect(Collectors.joining(" "));
    }

    /** {@return what the line says; empty if it is not such a line} */
    public static Optional<SavedRegistration> parse(String line) {
        var words = line.split(" ");
        if (words.length < 4 || words.length > 3 + Registrants.MOST_OF_ONE || !words[2].matches("[0-9]{1,15}")) {
            return Optional.empty();
        }
        try {
            var sources = new ArrayList<InetSocketAddress>();
            for (int i = 3; i < words.length; i++) {
                sources.add(socketAddress(words[i]));
            }
            return Optional.of(new SavedRegistration(
                    socketAddress(words[0]), InetAddress.ofLiteral(words[1]), Long.parseLong(words[2]), sources));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static InetSocketAddress socketAddress(String text) {
        var read = HostPort.parse(text);
        return new InetSocketAddress(InetAddress.ofLiteral(read.host()), read.portNumber());
    }
}
