/**
 * The connections of one endpoint as its transport has them: what listens, serves, joins and stops. How a single connection is
 * read or written is never decided here.
 */
package dev.socketforwarder.runtime.streams;
