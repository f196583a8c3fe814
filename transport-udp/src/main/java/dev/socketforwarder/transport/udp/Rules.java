package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.kit.AddressFilter;
import dev.socketforwarder.transport.udp.settings.UdpSettings;

/**
 * What the configuration says of an endpoint. All of it that concerns no socket may change while the endpoint runs. The
 * rules are one value, so that no thread ever goes by half of a change.
 *
 * @param settings the settings of the endpoint
 * @param filter the addresses whose datagrams are looked at
 * @param handshake decides on registrations
 */
record Rules(UdpSettings settings, AddressFilter filter, Handshake handshake) {}
