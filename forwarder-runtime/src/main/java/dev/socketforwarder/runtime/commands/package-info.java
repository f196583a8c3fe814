/** The command line and the work of each command. This package opens no socket of a member, and interprets no setting. */
package dev.socketforwarder.runtime.commands;
