/**
 * Plugins in folders: found, checked, loaded into layers of their own, and unloaded. This package never starts their
 * transports.
 */
package dev.socketforwarder.runtime.plugins;
