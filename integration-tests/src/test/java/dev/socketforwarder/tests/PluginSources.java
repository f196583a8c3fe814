package dev.socketforwarder.tests;

import java.nio.file.Path;

/** Sources of small plugins. */
final class PluginSources {
    private PluginSources() {}

    /** {@return a module that provides one transport} */
    static String module(String name, String provider, String... requires) {
        var more = new StringBuilder();
        for (var each : requires) {
            more.append(" requires ").append(each).append(';');
        }
        return "module " + name + " { requires dev.socketforwarder.api;" + more
                + " provides dev.socketforwarder.api.Transport with " + provider + "; }";
    }

    /**
     * {@return a minimal transport for Unix domain sockets, which runs {@code inOpen} first when an endpoint is opened}
     */
    static String unix(String in, String type, String inOpen) {
        return """
                package %s;

                import dev.socketforwarder.api.*;
                import dev.socketforwarder.api.buffer.*;
                import dev.socketforwarder.api.kit.*;
                import java.io.IOException;
                import java.net.*;
                import java.nio.channels.ServerSocketChannel;
                import java.nio.file.*;
                import java.time.Duration;
                import java.util.List;

                public class Unix implements Transport {
                    public String type() { return "%s"; }

                    public Protocol protocol() { return Protocol.OTHER; }

                    public Endpoint open(TransportContext context) {
                        %s;
                        var path = Path.of(context.settings().requiredText("path"));
                        var streams = context.streams(List.of("prefix"));
                        return new Endpoint() {
                            private boolean bound;

                            public void start() throws IOException {
                                var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                                try {
                                    listener.bind(UnixDomainSocketAddress.of(path));
                                } catch (IOException e) {
                                    listener.close();
                                    throw new IOException(context.name() + " cannot bind " + path + ": " + e.getMessage(), e);
                                }
                                bound = true;
                                streams.listen(listener);
                            }

                            public List<SocketAddress> localAddresses() {
                                return bound ? List.of(UnixDomainSocketAddress.of(path)) : List.of();
                            }

                            public void quiesce(Duration limit) { streams.quiesce(limit); }

                            public Unsent stop(Duration limit) {
                                var unsent = streams.stop(limit);
                                if (bound) {
                                    bound = false;
                                    path.toFile().delete();
                                }
                                return unsent;
                            }
                        };
                    }
                }
                """.formatted(in, type, inOpen);
    }

    /** {@return the plugin for TCP on the loopback, whose port another process may share, in one JAR} */
    static Path loopbackJar(Path work, Path jar) {
        return PluginJars.in(work)
                .source(module("example.loopback", "example.loopback.Loopback"))
                .source("""
                        package example.loopback;

                        import dev.socketforwarder.api.*;
                        import java.io.IOException;
                        import java.net.*;
                        import java.nio.channels.ServerSocketChannel;
                        import java.time.Duration;
                        import java.util.List;

                        public class Loopback implements Transport {
                            public String type() { return "loopback"; }

                            public Protocol protocol() { return Protocol.TCP; }

                            public Endpoint open(TransportContext context) {
                                int port = context.settings().required("port", 0, 65_535);
                                var streams = context.streams(List.of("prefix"));
                                return new Endpoint() {
                                    private volatile List<SocketAddress> addresses = List.of();

                                    public void start() throws IOException {
                                        var listener = ServerSocketChannel.open();
                                        listener.setOption(StandardSocketOptions.SO_REUSEPORT, true);
                                        listener.bind(new InetSocketAddress("127.0.0.1", port));
                                        addresses = List.of(listener.getLocalAddress());
                                        streams.listen(listener);
                                    }

                                    public List<SocketAddress> localAddresses() { return addresses; }

                                    public void quiesce(Duration limit) { streams.quiesce(limit); }

                                    public Unsent stop(Duration limit) { return streams.stop(limit); }
                                };
                            }
                        }
                        """)
                .to(jar);
    }

    /** {@return the plugin for Unix domain sockets, in one JAR} */
    static Path unixJar(Path work, Path jar) {
        return unixJar(work, jar, "example.unix", "unix", "");
    }

    static Path unixJar(Path work, Path jar, String module, String type, String inOpen) {
        return PluginJars.in(work)
                .source(module(module, module + ".Unix"))
                .source(unix(module, type, inOpen))
                .to(jar);
    }
}
