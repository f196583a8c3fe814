package dev.socketforwarder.transport.udp.linux;

/** The system calls for sending. Separate from {@link Libc}, so that tests can choose the kernel's answers. */
interface SendCalls {

    /**
     * {@return how many messages were sent; -1 if the first was refused, as {@link #errno} tells}
     *
     * <p>A call that fails with a pending error is made again; the second call may meet another pending error.
     */
    int sendmmsg(int fd, long headers, int count);

    /** {@return why the last call failed, if it did} */
    int errno();

    /** {@return how many entries have something to report; -1 on failure} */
    int poll(long fds, int count, int timeoutMs);

    /** {@return the system's text for an error} */
    String describe(int errno);
}
