/**
 * The process itself: exit codes, fatal errors, limits of the machine, and time limits for files and foreign code. This
 * package knows no group and no endpoint.
 */
package dev.socketforwarder.runtime.process;
