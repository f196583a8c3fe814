/**
 * The event loops that all connections share, the groups placed on them, and what all endpoints have one of: places, limits for an
 * address, the kernel's answers. What the bytes of a connection mean is never known here.
 */
package dev.socketforwarder.runtime.streams.loop;
