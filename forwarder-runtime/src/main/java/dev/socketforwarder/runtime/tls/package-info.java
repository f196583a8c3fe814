/**
 * Certificates and keys of an endpoint: read, checked, and loaded again when they change. This package never encrypts a
 * record.
 */
package dev.socketforwarder.runtime.tls;
