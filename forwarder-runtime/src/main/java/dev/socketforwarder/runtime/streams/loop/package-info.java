/**
 * The event loops that all connections share, the groups placed on the loops, and what all endpoints share: places,
 * limits of addresses, the kernel's answers. What the bytes of a connection mean is never known here.
 */
package dev.socketforwarder.runtime.streams.loop;
