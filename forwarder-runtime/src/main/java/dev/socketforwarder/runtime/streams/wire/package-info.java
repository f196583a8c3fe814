/**
 * The bytes of one connection as its peer means them: plain, or through TLS. Groups, members and event loops are never
 * known here.
 */
package dev.socketforwarder.runtime.streams.wire;
