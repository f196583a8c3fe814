/**
 * The sources of configuration, merged: keys, where each value came from, secrets and typed views. This package never decides
 * what a setting means.
 */
package dev.socketforwarder.runtime.config;
