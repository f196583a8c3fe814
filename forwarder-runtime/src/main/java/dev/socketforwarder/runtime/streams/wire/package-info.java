/**
 * The bytes of one connection as its peer means them: plain, or through TLS. A group, a member or an event loop is never known
 * here.
 */
package dev.socketforwarder.runtime.streams.wire;
