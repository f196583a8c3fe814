package dev.socketforwarder.runtime.logging;

/** How a log line is written. */
public enum LogFormat {
    /** For people: time, level, message. */
    TEXT,
    /** For programs: one JSON object a line. */
    JSON
}
