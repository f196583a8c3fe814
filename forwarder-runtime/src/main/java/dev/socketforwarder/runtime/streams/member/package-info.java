/**
 * A connection as the member of a group: how it is read, written, kept to its rate, and closed. The decision whether a
 * peer may join is made elsewhere.
 */
package dev.socketforwarder.runtime.streams.member;
