/**
 * Certificates and keys of an endpoint: read, checked, and loaded again when they change. No record is ever encrypted
 * here.
 */
package dev.socketforwarder.runtime.tls;
