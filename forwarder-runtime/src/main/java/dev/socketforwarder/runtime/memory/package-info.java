/** Memory for queued bytes: its sizes and how it goes back to the operating system. Who may have how much of it is never decided here. */
package dev.socketforwarder.runtime.memory;
