package dev.socketforwarder.transport.udp.linux;

/** The system calls that sending takes. Apart from {@link Libc}, so that what a kernel may answer can be told, too. */
interface SendCalls {

    /**
     * {@return how many of the messages were sent, or -1 if the first was refused, for the reason of {@link #errno}}
     *
     * <p>A call that fails with an error that was pending at the socket is made again; that may happen to the second, too.
     */
    int sendmmsg(int fd, long headers, int count);

    /** {@return why the last call failed, if it did} */
    int errno();

    /** {@return how many of the entries have something to report; -1 on failure} */
    int poll(long fds, int count, int timeoutMs);

    /** {@return an error as the system says it} */
    String describe(int errno);
}
