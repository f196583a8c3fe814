/**
 * Log lines: their format, the queue in front of the output, and refusals that are counted and logged once a minute.
 * This package never decides what deserves a line.
 */
package dev.socketforwarder.runtime.logging;
