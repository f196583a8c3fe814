/**
 * An endpoint's own thread for the members of a plugin, and the watch over it. Connections of the built-in streams
 * never run on it.
 */
package dev.socketforwarder.runtime.loop;
