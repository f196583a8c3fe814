/**
 * The connections of one endpoint as its transport knows them: listening, serving, joining and stopping. How a single
 * connection is read or written is never decided here.
 */
package dev.socketforwarder.runtime.streams;
