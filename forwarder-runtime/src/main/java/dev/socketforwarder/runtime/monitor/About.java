package dev.socketforwarder.runtime.monitor;

/**
 * The subject of a question: an address, with or without a port, or the name of a group.
 *
 * @param text as it was asked
 * @param host the address without its port, as sources of refusals are written
 * @param port 0 if there is none
 */
record About(String text, String host, int port) {

    static About of(String text) {
        int colon = text.lastIndexOf(':');
        boolean hasPort = colon > 0 && (text.indexOf(':') == colon || text.startsWith("[")) && !text.endsWith("]");
        var port = hasPort ? text.substring(colon + 1) : "";
        return port.matches("[0-9]{1,5}")
                ? new About(text, bare(text.substring(0, colon)), Integer.parseInt(port))
                : new About(text, bare(text), 0);
    }

    private static String bare(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    boolean isMember(String name) {
        return name.equals(text) || port == 0 && of(name).host().equals(host);
    }

    boolean isSource(Refusal refusal) {
        return refusal.source().equals(text)
                || refusal.source().equals(host)
                        && (port == 0 || refusal.from(port).isPresent());
    }

    /** {@return whether the refusal concerns the same address, and only other ports as far as is remembered} */
    boolean isOtherPort(Refusal refusal) {
        return port != 0 && refusal.source().equals(host) && refusal.from(port).isEmpty();
    }
}
