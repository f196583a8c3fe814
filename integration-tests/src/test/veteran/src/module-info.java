/**
 * A plugin that is built once, against the first API of a major version, and has to run ever after: see
 * {@code script/release-api}.
 *
 * @provides dev.socketforwarder.api.Transport as {@code veteran}
 * @provides dev.socketforwarder.api.HandshakePolicy as {@code veteran}
 */
module dev.socketforwarder.veteran {
    requires dev.socketforwarder.api;

    provides dev.socketforwarder.api.Transport with
            dev.socketforwarder.veteran.VeteranTransport;
    provides dev.socketforwarder.api.HandshakePolicy with
            dev.socketforwarder.veteran.VeteranPolicy;
}
