/** How values, addresses and foreign text are shown and read. Nothing here ever keeps state. */
package dev.socketforwarder.runtime.text;
