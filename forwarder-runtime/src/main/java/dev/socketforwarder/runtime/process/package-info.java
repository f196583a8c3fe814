/** The process itself: exit codes, fatal errors, limits of the machine, files and foreign code that may not hold it up. Nothing here ever knows of groups or endpoints. */
package dev.socketforwarder.runtime.process;
