/**
 * Optional helpers for transports: addresses in settings, addresses as hosts are counted, look-ups of host names, bind failures,
 * and a queue of tasks. The runtime demands none of them.
 */
package dev.socketforwarder.api.kit;
