/** One endpoint: opened from its settings, checked, and given what its transport may use. No transport is ever named here. */
package dev.socketforwarder.runtime.endpoints;
