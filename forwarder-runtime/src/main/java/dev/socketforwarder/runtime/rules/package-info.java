/** The rules that the configuration sets for each group. This package never applies a rule to a message. */
package dev.socketforwarder.runtime.rules;
