package dev.socketforwarder.api.kit;

/**
 * Holds a host and a port as settings write them: {@code example.org:80}, {@code 127.0.0.1:80}, {@code [::1]:80}.
 *
 * @param host a name or an address, without brackets
 * @param port the text after the last colon, unchecked
 */
public record HostPort(String host, String port) {

    /**
     * Split a text at its last colon, and remove the brackets around an IPv6 address.
     *
     * @param text a host and a port, separated by a colon
     * @return the host and the port
     * @throws IllegalArgumentException if the text has no colon or no host, or the host contains blanks or stray brackets, or is an
     *     IPv6 address without brackets
     */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("no host and port: " + text);
        }
        var host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an IPv6 address without brackets: " + text);
        }
        if (host.isEmpty() || host.chars().anyMatch(HostPort::standsInNoHost)) {
            throw new IllegalArgumentException("no host: " + text);
        }
        return new HostPort(host, text.substring(colon + 1));
    }

    private static boolean standsInNoHost(int character) {
        return character <= ' ' || character == '[' || character == ']' || Character.isISOControl(character);
    }

    /**
     * {@return {@link #port} as a number}
     *
     * @throws IllegalArgumentException if the port is not a number from 1 to 65535
     */
    public int portNumber() {
        if (!port.matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("not a port: " + port);
        }
        int number = Integer.parseInt(port);
        if (number < 1 || number > 65_535) {
            throw new IllegalArgumentException("not a port: " + port);
        }
        return number;
    }
}
