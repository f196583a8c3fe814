/**
 * Helpers that a transport may use or leave: addresses as settings have them and as hosts count, look-ups of names, bind failures,
 * a queue of tasks. The runtime never demands any of them.
 */
package dev.socketforwarder.api.kit;
