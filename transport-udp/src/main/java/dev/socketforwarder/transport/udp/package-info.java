/**
 * The UDP transport: its endpoint, the endpoint's loop, and the handling of a turn's datagrams. This package never
 * decides how datagrams reach the kernel.
 */
package dev.socketforwarder.transport.udp;
