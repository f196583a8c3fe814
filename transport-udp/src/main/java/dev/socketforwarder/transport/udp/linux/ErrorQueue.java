package dev.socketforwarder.transport.udp.linux;

import dev.socketforwarder.transport.udp.io.Tally;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;

/**
 * Drains the error queue of a socket, where the kernel keeps the network's answers (ICMP) to earlier datagrams. A
 * pending error also makes the next call fail, whatever that call does, so the call must then be made again. Confined
 * to one thread.
 */
final class ErrorQueue {
    /** How many errors one call drains. */
    static final int COUNT = 64;

    // Keeps a flood of errors from holding up the endpoint.
    private static final int MAX_CALLS = 16;
    private static final int LONGEST_NAME = 28;

    private static final long PAYLOAD = ControlMessages.HEADER;
    private static final long NUMBER = PAYLOAD + CStructs.offset(CStructs.SOCK_EXTENDED_ERR, "ee_errno");
    private static final long ORIGIN = PAYLOAD + CStructs.offset(CStructs.SOCK_EXTENDED_ERR, "ee_origin");
    private static final long INFO = PAYLOAD + CStructs.offset(CStructs.SOCK_EXTENDED_ERR, "ee_info");

    private final Libc libc;
    private final Tally tally;
    private final Messages messages;
    private final AddressCache members = new AddressCache();
    private int mtu;
    private String mtuText = "";

    ErrorQueue(Libc libc, Tally tally, Arena arena) {
        this.libc = libc;
        this.tally = tally;
        int room = (int) ControlMessages.space(CStructs.SOCK_EXTENDED_ERR.byteSize() + LONGEST_NAME)
                + ControlMessages.ROOM_IN;
        messages = new Messages(COUNT, room, arena);
    }

    /**
     * Drain and count the errors of a socket.
     *
     * @return how many there were
     */
    int drain(NativeSocket socket) {
        int all = 0;
        for (int call = 0; call < MAX_CALLS; call++) {
            // The datagrams come back with their errors, but are given no room.
            int count = libc.recvErrors(socket.fd(), messages.address(0), COUNT);
            for (int i = 0; i < count; i++) {
                count(i);
                messages.offerRoom(i);
            }
            all += Math.max(0, count);
            if (count < COUNT) {
                break;
            }
        }
        return all;
    }

    private void count(int i) {
        var controls = messages.controls();
        long at = messages.controlAt(i);
        long end = at + messages.controlLength(i);
        long error = ControlMessages.find(controls, at, end, Libc.IPPROTO_IP, Libc.IP_RECVERR);
        if (error < 0) {
            error = ControlMessages.find(controls, at, end, Libc.IPPROTO_IPV6, Libc.IPV6_RECVERR);
        }
        // The failed call has already reported errors of this machine.
        if (error < 0 || controls.get(ValueLayout.JAVA_BYTE, error + ORIGIN) == Libc.SO_EE_ORIGIN_LOCAL) {
            return;
        }
        var to = members.decode(messages.names(), Messages.nameAt(i));
        int errno = controls.get(ValueLayout.JAVA_INT, error + NUMBER);
        if (errno == Libc.EMSGSIZE) {
            tally.sendFailed(to, tooLarge(controls.get(ValueLayout.JAVA_INT, error + INFO)));
        } else {
            tally.kernel().unreachable(to, libc.describe(errno));
        }
    }

    private String tooLarge(int told) {
        if (told != mtu) {
            mtu = told;
            mtuText = "larger than the path's MTU of " + told + " bytes, which is known from now on";
        }
        return mtuText;
    }
}
