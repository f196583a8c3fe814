package dev.socketforwarder.transport.udp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemoryLayout.PathElement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Compares the native path's C structures and constants with this machine's headers, by means of a C compiler. */
@EnabledOnOs(OS.LINUX)
@Timeout(120)
class CHeadersTest {
    private static final String INCLUDES = """
            #define _GNU_SOURCE
            #include <stddef.h>
            #include <stdio.h>
            #include <errno.h>
            #include <poll.h>
            #include <time.h>
            #include <sys/eventfd.h>
            #include <sys/socket.h>
            #include <netinet/in.h>
            #include <linux/errqueue.h>
            #include <linux/udp.h>
            """;

    @TempDir
    private Path folder;

    @Test
    void layoutsAreThoseOfTheHeaders() throws Exception {
        var ours = new TreeMap<String, Long>();
        for (var struct : CStructs.ALL) {
            var name = "struct " + struct.name().orElseThrow();
            ours.put("sizeof(" + name + ")", struct.byteSize());
            for (var member : struct.memberLayouts()) {
                // Padding has no name.
                member.name().ifPresent(each -> {
                    ours.put("offsetof(" + name + ", " + each + ")", struct.byteOffset(PathElement.groupElement(each)));
                    ours.put("sizeof(((" + name + " *) 0)->" + each + ")", member.byteSize());
                });
            }
        }
        ours.put("CMSG_SPACE(1)", ControlMessages.space(1));
        ours.put("CMSG_SPACE(28)", ControlMessages.space(28));
        ours.put("CMSG_LEN(0)", ControlMessages.HEADER);
        // Both families have it at the same place.
        ours.put("offsetof(struct sockaddr_in6, sin6_family)", CStructs.offset(CStructs.SOCKADDR_IN, "sin_family"));
        ours.put("offsetof(struct sockaddr_in6, sin6_port)", CStructs.offset(CStructs.SOCKADDR_IN, "sin_port"));

        assertThat(ours).hasSizeGreaterThan(60).isEqualTo(ask(ours.keySet()));
    }

    @Test
    void numbersAreThoseOfTheHeaders() throws Exception {
        var ours = constants();

        assertThat(ours).isEqualTo(ask(ours.keySet()));
    }

    private static Map<String, Long> constants() {
        var ours = new TreeMap<String, Long>();
        ours.put("AF_INET", (long) Libc.AF_INET);
        ours.put("AF_INET6", (long) Libc.AF_INET6);
        ours.put("SOCK_DGRAM", (long) Libc.SOCK_DGRAM);
        ours.put("SOCK_NONBLOCK", (long) Libc.SOCK_NONBLOCK);
        ours.put("SOCK_CLOEXEC", (long) Libc.SOCK_CLOEXEC);
        ours.put("EFD_NONBLOCK", (long) Libc.EFD_NONBLOCK);
        ours.put("EFD_CLOEXEC", (long) Libc.EFD_CLOEXEC);
        ours.put("MSG_DONTWAIT", (long) Libc.MSG_DONTWAIT);
        ours.put("MSG_ERRQUEUE", (long) Libc.MSG_ERRQUEUE);
        ours.put("MSG_NOSIGNAL", (long) Libc.MSG_NOSIGNAL);
        ours.put("POLLIN", (long) Libc.POLLIN);
        ours.put("POLLOUT", (long) Libc.POLLOUT);
        ours.put("POLLERR", (long) Libc.POLLERR);
        ours.put("SOL_SOCKET", (long) Libc.SOL_SOCKET);
        ours.put("SO_ERROR", (long) Libc.SO_ERROR);
        ours.put("SO_SNDBUF", (long) Libc.SO_SNDBUF);
        ours.put("SO_RCVBUF", (long) Libc.SO_RCVBUF);
        ours.put("SO_RXQ_OVFL", (long) Libc.SO_RXQ_OVFL);
        ours.put("IPPROTO_UDP", (long) Libc.IPPROTO_UDP);
        ours.put("UDP_SEGMENT", (long) Libc.UDP_SEGMENT);
        ours.put("IPPROTO_IP", (long) Libc.IPPROTO_IP);
        ours.put("IP_TTL", (long) Libc.IP_TTL);
        ours.put("IP_PKTINFO", (long) Libc.IP_PKTINFO);
        ours.put("IP_RECVERR", (long) Libc.IP_RECVERR);
        ours.put("IP_RECVTTL", (long) Libc.IP_RECVTTL);
        ours.put("IP_MULTICAST_IF", (long) Libc.IP_MULTICAST_IF);
        ours.put("IP_MULTICAST_TTL", (long) Libc.IP_MULTICAST_TTL);
        ours.put("IP_MULTICAST_ALL", (long) Libc.IP_MULTICAST_ALL);
        ours.put("MCAST_JOIN_GROUP", (long) Libc.MCAST_JOIN_GROUP);
        ours.put("IPV6_UNICAST_HOPS", (long) Libc.IPV6_UNICAST_HOPS);
        ours.put("MCAST_LEAVE_GROUP", (long) Libc.MCAST_LEAVE_GROUP);
        ours.put("IPV6_MULTICAST_IF", (long) Libc.IPV6_MULTICAST_IF);
        ours.put("IPV6_MULTICAST_HOPS", (long) Libc.IPV6_MULTICAST_HOPS);
        ours.put("IPV6_MULTICAST_ALL", (long) Libc.IPV6_MULTICAST_ALL);
        ours.put("IPPROTO_IPV6", (long) Libc.IPPROTO_IPV6);
        ours.put("IPV6_RECVERR", (long) Libc.IPV6_RECVERR);
        ours.put("IPV6_V6ONLY", (long) Libc.IPV6_V6ONLY);
        ours.put("IPV6_RECVPKTINFO", (long) Libc.IPV6_RECVPKTINFO);
        ours.put("IPV6_PKTINFO", (long) Libc.IPV6_PKTINFO);
        ours.put("IPV6_RECVHOPLIMIT", (long) Libc.IPV6_RECVHOPLIMIT);
        ours.put("IPV6_HOPLIMIT", (long) Libc.IPV6_HOPLIMIT);
        ours.put("SO_EE_ORIGIN_LOCAL", (long) Libc.SO_EE_ORIGIN_LOCAL);
        ours.put("EPERM", (long) Libc.EPERM);
        ours.put("EINTR", (long) Libc.EINTR);
        ours.put("EIO", (long) Libc.EIO);
        ours.put("EAGAIN", (long) Libc.EAGAIN);
        ours.put("EINVAL", (long) Libc.EINVAL);
        ours.put("EMSGSIZE", (long) Libc.EMSGSIZE);
        ours.put("EOPNOTSUPP", (long) Libc.EOPNOTSUPP);
        ours.put("EAFNOSUPPORT", (long) Libc.EAFNOSUPPORT);
        ours.put("ENOBUFS", (long) Libc.ENOBUFS);
        ours.put("ECONNREFUSED", (long) Libc.ECONNREFUSED);
        return ours;
    }

    /** {@return the values of C expressions} */
    private Map<String, Long> ask(Iterable<String> expressions) throws IOException, InterruptedException {
        var program = new StringBuilder(INCLUDES).append("int main(void) {\n");
        for (var expression : expressions) {
            program.append("    printf(\"%ld %s\\n\", (long) (" + expression + "), \"" + expression + "\");\n");
        }
        var source = folder.resolve("ask.c");
        var binary = folder.resolve("ask");
        Files.writeString(source, program.append("    return 0;\n}\n"));
        run(List.of(compiler(), "-o", binary.toString(), source.toString()));
        return run(List.of(binary.toString())).stream()
                .map(line -> line.split(" ", 2))
                .collect(Collectors.toMap(line -> line[1], line -> Long.valueOf(line[0])));
    }

    private static String compiler() {
        var candidates = new ArrayList<Path>();
        for (var folder : System.getenv("PATH").split(":")) {
            for (var name : List.of("cc", "gcc", "clang")) {
                candidates.add(Path.of(folder, name));
            }
        }
        return candidates.stream()
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("needs a C compiler and the C library's headers to compare the"
                        + " native path's layouts with: install gcc and libc6-dev, as script/test does"))
                .toString();
    }

    private List<String> run(List<String> command) throws IOException, InterruptedException {
        var output = folder.resolve("output");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s", command).isTrue();
        var lines = Files.readAllLines(output, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as("%s said %s", command, lines).isZero();
        return lines;
    }
}
