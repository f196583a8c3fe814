/**
 * Memory for queued bytes: its sizes, its bound, and how it returns to the operating system. Which group or member
 * gives way when memory is short is never decided here.
 */
package dev.socketforwarder.runtime.memory;
