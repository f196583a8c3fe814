/**
 * The settings of one UDP endpoint, and the kinds of addresses that cannot be members. Nothing here ever changes while
 * the endpoint runs.
 */
package dev.socketforwarder.transport.udp.settings;
