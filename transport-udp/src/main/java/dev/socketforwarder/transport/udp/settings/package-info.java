/** What the configuration says of one UDP endpoint, and which addresses can be nobody's. Nothing here ever changes while the endpoint runs. */
package dev.socketforwarder.transport.udp.settings;
