/**
 * The forwarder itself: main, command line, configuration, plugin discovery, groups, lifecycle.
 *
 * <p>Exports nothing, so transports and policies see only the API.
 *
 * @uses dev.socketforwarder.api.Transport the ways to listen
 * @uses dev.socketforwarder.api.HandshakePolicy the ways to admit peers
 * @provides dev.socketforwarder.api.HandshakePolicy {@code prefix}: a first message of prefix and argument; {@code
 *     token}: a first message with a token before the argument; {@code certificate}: the peer's TLS certificate
 */
@SuppressWarnings(
        "requires-automatic") // Prometheus's JARs have no descriptors until the image is made: see assemble.sh
module dev.socketforwarder.runtime {
    requires dev.socketforwarder.api;
    requires info.picocli;
    requires io.prometheus.metrics.model;
    requires io.prometheus.writer.text;
    requires java.management; // metrics of the JVM
    requires jdk.httpserver; // the admin endpoint
    requires jdk.net; // keepalive options
    requires jdk.unsupported; // sun.misc.Signal
    requires org.apache.logging.log4j;
    requires org.apache.logging.log4j.core;
    requires org.snakeyaml.engine; // Jackson hides the line of a YAML error
    requires tools.jackson.core;
    requires tools.jackson.databind; // documents of the monitor
    requires tools.jackson.dataformat.yaml;

    uses dev.socketforwarder.api.HandshakePolicy;
    uses dev.socketforwarder.api.Transport;

    provides dev.socketforwarder.api.HandshakePolicy with
            dev.socketforwarder.runtime.policies.CertificateHandshake,
            dev.socketforwarder.runtime.policies.PrefixHandshake,
            dev.socketforwarder.runtime.policies.TokenPolicy;
}
