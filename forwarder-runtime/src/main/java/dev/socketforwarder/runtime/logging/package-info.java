/** Log lines: their format, the queue before the sink, and refusals that are told once a minute. What is worth a line is never decided here. */
package dev.socketforwarder.runtime.logging;
