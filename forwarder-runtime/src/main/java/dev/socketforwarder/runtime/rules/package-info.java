/** Which rules hold for which group, as the configuration says. Rules are never applied to a message here. */
package dev.socketforwarder.runtime.rules;
