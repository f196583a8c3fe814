/** The command line and the work of each command. This package never opens a socket of a member, and never interprets a setting. */
package dev.socketforwarder.runtime.commands;
