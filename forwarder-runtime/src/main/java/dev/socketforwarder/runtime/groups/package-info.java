/**
 * Groups, their sides and seats: delivery, hand-over between owners, pacing, and relief when memory is short. No socket
 * and no configuration is ever read here.
 */
package dev.socketforwarder.runtime.groups;
