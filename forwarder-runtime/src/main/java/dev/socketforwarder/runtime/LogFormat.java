package dev.socketforwarder.runtime;

/** How a log line is written. */
enum LogFormat {
    /** For people: time, level, message. */
    TEXT,
    /** For programs: one JSON object a line. */
    JSON
}
