/** The control socket, by which commands talk to the running process of the same user. This package never makes an answer. */
package dev.socketforwarder.runtime.control;
