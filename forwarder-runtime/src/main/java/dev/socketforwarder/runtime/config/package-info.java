/** The sources of configuration, merged: keys, where each value came from, secrets and typed views. What a setting means is never decided here. */
package dev.socketforwarder.runtime.config;
