/** The control socket, by which commands talk to the running process of the same user. What is asked there is never answered here. */
package dev.socketforwarder.runtime.control;
