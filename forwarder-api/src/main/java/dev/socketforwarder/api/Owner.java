package dev.socketforwarder.api;

import java.util.concurrent.Executor;

/**
 * The one thread that owns a set of members and all their state.
 *
 * <p>{@link #execute} may be called by any thread, never blocks and never runs the task before it returns. Tasks
 * of one caller run in their order. After its thread has ended, tasks are dropped. {@link
 * dev.socketforwarder.api.kit.TaskQueue TaskQueue} keeps all these promises.
 */
public interface Owner extends Executor {}
