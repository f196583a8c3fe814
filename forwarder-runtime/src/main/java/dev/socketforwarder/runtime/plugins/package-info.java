/**
 * Plugins in folders: found, checked, loaded into layers of their own, and unloaded. Their transports are never started
 * here.
 */
package dev.socketforwarder.runtime.plugins;
