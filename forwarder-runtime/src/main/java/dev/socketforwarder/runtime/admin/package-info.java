/**
 * The admin endpoint: HTTP for browsers, scripts and Prometheus. What is forwarded never passes here, and forwarding never
 * depends on it.
 */
package dev.socketforwarder.runtime.admin;
