/** The forwarder itself. */
module dev.socketforwarder.runtime {
    requires dev.socketforwarder.api;
}
