/**
 * The bytes of one connection as its peer means them: plain, or through TLS. This package knows no group, no member and
 * no event loop.
 */
package dev.socketforwarder.runtime.streams.wire;
