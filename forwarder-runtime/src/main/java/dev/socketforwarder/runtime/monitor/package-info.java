/**
 * The visible state of the running process: samples, history, and the documents made of them. This package never has a socket,
 * nor a format for people.
 */
package dev.socketforwarder.runtime.monitor;
