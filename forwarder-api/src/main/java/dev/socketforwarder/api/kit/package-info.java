/**
 * Optional helpers for transports: addresses in settings, keys that count all addresses of a host as one, look-ups of host names,
 * bind failures, and a queue of tasks. The runtime never demands any of them.
 */
package dev.socketforwarder.api.kit;
