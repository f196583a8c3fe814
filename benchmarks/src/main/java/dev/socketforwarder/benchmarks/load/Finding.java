package dev.socketforwarder.benchmarks.load;

/**
 * A promise, and what was found of it.
 *
 * @param promise what should hold
 * @param found what was seen
 */
record Finding(String promise, String found) {}
