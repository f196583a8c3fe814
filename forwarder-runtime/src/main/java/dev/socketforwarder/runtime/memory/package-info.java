/**
 * Memory for queued bytes: its sizes, its bound, and how it returns to the operating system. This package never decides
 * which group or member gives way when memory is short.
 */
package dev.socketforwarder.runtime.memory;
