/**
 * What this process tells its service manager (sd_notify of systemd), and the sockets that it gets from one (socket activation).
 * This package does not know what the process forwards.
 */
package dev.socketforwarder.runtime.service;
