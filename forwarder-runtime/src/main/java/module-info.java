/**
 * The forwarder itself: main, command line, configuration, plugin discovery, groups, lifecycle.
 *
 * <p>Exports nothing: transports and policies see the API alone.
 *
 * @uses dev.socketforwarder.api.Transport what the forwarder can listen on
 * @uses dev.socketforwarder.api.HandshakePolicy who may take part
 * @provides dev.socketforwarder.api.HandshakePolicy {@code prefix}: a first message of prefix and argument;
 *     {@code token}: one with a token before the argument; {@code certificate}: the peer's TLS certificate
 */
module dev.socketforwarder.runtime {
    requires dev.socketforwarder.api;
    requires info.picocli;
    requires jdk.net; // the keepalive options
    requires jdk.unsupported; // sun.misc.Signal
    requires org.apache.logging.log4j;
    requires org.apache.logging.log4j.core;
    requires org.snakeyaml.engine; // Jackson hides at which line a file ceases to be YAML
    requires tools.jackson.core;
    requires tools.jackson.dataformat.yaml;

    uses dev.socketforwarder.api.HandshakePolicy;
    uses dev.socketforwarder.api.Transport;

    provides dev.socketforwarder.api.HandshakePolicy with
            dev.socketforwarder.runtime.policies.CertificateHandshake,
            dev.socketforwarder.runtime.policies.PrefixHandshake,
            dev.socketforwarder.runtime.policies.TokenPolicy;
}
