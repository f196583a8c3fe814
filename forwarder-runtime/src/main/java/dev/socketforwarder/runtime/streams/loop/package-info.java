/**
 * The event loops that all connections share, the groups placed on the loops, and what all endpoints share: places,
 * limits of addresses, the kernel's answers. This package never knows what the bytes of a connection mean.
 */
package dev.socketforwarder.runtime.streams.loop;
