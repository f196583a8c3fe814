/** What can be seen of the running process: samples, history, and the documents made of them. Never a socket, and never a format for people. */
package dev.socketforwarder.runtime.monitor;
