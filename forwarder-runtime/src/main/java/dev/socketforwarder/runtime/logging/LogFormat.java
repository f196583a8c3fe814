package dev.socketforwarder.runtime.logging;

/** The formats of a log line. */
public enum LogFormat {
    /** For people: time, level, message. */
    TEXT,
    /** For programs: one JSON object per line. */
    JSON
}
