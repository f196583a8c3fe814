/** The rules that the configuration sets for each group. Rules are never applied to a message here. */
package dev.socketforwarder.runtime.rules;
