/**
 * Groups, their sides and seats: delivery, hand-over between owners, pacing, and relief when memory is short. This
 * package reads no socket and no configuration.
 */
package dev.socketforwarder.runtime.groups;
