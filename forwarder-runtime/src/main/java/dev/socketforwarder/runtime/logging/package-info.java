/**
 * Log lines: their format, the queue in front of the output, and refusals that are counted and logged once a minute.
 * What deserves a line is never decided here.
 */
package dev.socketforwarder.runtime.logging;
