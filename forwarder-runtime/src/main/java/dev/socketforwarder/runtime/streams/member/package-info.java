/**
 * A connection as the member of a group: how it is read, written, kept to its rate, and closed. Whether a peer
 * may join is never decided here.
 */
package dev.socketforwarder.runtime.streams.member;
