/** Shows and reads values, addresses and text from strangers. No class here keeps state. */
package dev.socketforwarder.runtime.text;
