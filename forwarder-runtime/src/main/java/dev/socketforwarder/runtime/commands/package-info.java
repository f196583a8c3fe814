/** The command line and what each command does. No socket of a member is ever opened here, and no setting is interpreted. */
package dev.socketforwarder.runtime.commands;
