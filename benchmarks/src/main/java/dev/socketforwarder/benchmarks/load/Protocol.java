package dev.socketforwarder.benchmarks.load;

import java.nio.charset.StandardCharsets;

/** What the servers speak. A group's name has always the same length. */
enum Protocol {
    FORWARDER {
        @Override
        String hello(String group, boolean receives) {
            return PREFIX + group + "\n";
        }
    },

    /** The path of a WebSocket's address names the group, and each line is a message without its line feed. */
    PATHS {
        @Override
        String path(String group) {
            return "/groups/" + group;
        }

        @Override
        boolean framesLines() {
            return true;
        }
    },

    /** Everybody is in one group. */
    NCAT,

    NATS {
        @Override
        String greeting() {
            return "\r\n";
        }

        @Override
        String hello(String group, boolean receives) {
            return "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false,\"protocol\":1}\r\n"
                    + (receives ? "SUB " + group + " 1\r\n" : "") + "PING\r\n";
        }

        @Override
        String welcome(boolean receives) {
            return "PONG\r\n";
        }

        @Override
        Wire wire(String group, int size) {
            return wrapped("PUB " + group + " " + size + "\r\n", "MSG " + group + " 1 " + size + "\r\n", "\r\n", size);
        }

        @Override
        int noise(byte first) {
            return first == 'P' ? "PING\r\n".length() : 0; // it need not be answered within minutes
        }
    },

    REDIS {
        @Override
        String hello(String group, boolean receives) {
            return receives ? "*2\r\n$9\r\nSUBSCRIBE\r\n" + bulk(group) : "";
        }

        @Override
        String welcome(boolean receives) {
            return receives ? ":1\r\n" : "";
        }

        @Override
        boolean sendsApart() {
            return true;
        }

        @Override
        Wire wire(String group, int size) {
            var message = bulk(group) + "$" + size + "\r\n";
            return wrapped("*3\r\n$7\r\nPUBLISH\r\n" + message, "*3\r\n$7\r\nmessage\r\n" + message, "\r\n", size);
        }

        private String bulk(String text) {
            return "$" + text.length() + "\r\n" + text + "\r\n";
        }
    };

    /** What the forwarder's first messages begin with. */
    static final String PREFIX = "SOCKETFORWARDER-NEW:";

    /** {@return what the server says first ends with this; empty: nothing} */
    String greeting() {
        return "";
    }

    /** {@return what a client says first} */
    String hello(String group, boolean receives) {
        return "";
    }

    /** {@return what the server answers ends with this; empty: nothing} */
    String welcome(boolean receives) {
        return "";
    }

    /** {@return whether who sends and receives needs a connection for each, and so gets its own messages too} */
    boolean sendsApart() {
        return false;
    }

    /** {@return the path of its WebSocket's address} */
    String path(String group) {
        return "/";
    }

    /** {@return whether a WebSocket's frame has one line, without the line feed; else the frames' bounds mean nothing} */
    boolean framesLines() {
        return false;
    }

    Wire wire(String group, int size) {
        return wrapped("", "", "", size);
    }

    /** {@return the length of what is no message and begins with this byte; 0 if a message does} */
    int noise(byte first) {
        return 0;
    }

    static Wire wrapped(String before, String deliveredBefore, String after, int size) {
        return new Wire(bytes(before), bytes(after), deliveredBefore.length(), after.length(), size);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
