/** The connections of an endpoint, from the listener to the last byte, and the event loops that serve them. Which group a connection joins is never decided here. */
package dev.socketforwarder.runtime.streams;
