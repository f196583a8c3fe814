/** The place where the program begins. No decision about forwarding, configuration or plugins is ever made here. */
package dev.socketforwarder.runtime;
