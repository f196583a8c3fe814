/**
 * The connections of one endpoint as its transport knows them: listening, serving, joining and stopping. This package
 * never decides how a single connection is read or written.
 */
package dev.socketforwarder.runtime.streams;
