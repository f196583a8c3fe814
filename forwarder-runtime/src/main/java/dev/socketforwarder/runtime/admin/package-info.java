/**
 * The admin endpoint: HTTP for browsers, scripts and Prometheus. Forwarded data never passes here, and forwarding never depends
 * on this package.
 */
package dev.socketforwarder.runtime.admin;
