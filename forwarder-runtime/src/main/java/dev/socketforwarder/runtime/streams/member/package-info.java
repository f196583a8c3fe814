/**
 * A connection as the member of a group: how it is read, written, kept to its rate, and closed. This package never
 * decides whether a peer may join.
 */
package dev.socketforwarder.runtime.streams.member;
