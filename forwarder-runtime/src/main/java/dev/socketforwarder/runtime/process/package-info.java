/**
 * The process itself: exit codes, fatal errors, limits of the machine, and time limits for files and foreign code.
 * Nothing here ever knows of groups or endpoints.
 */
package dev.socketforwarder.runtime.process;
