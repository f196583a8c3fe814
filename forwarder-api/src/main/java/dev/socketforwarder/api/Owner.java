package dev.socketforwarder.api;

import java.util.concurrent.Executor;

/**
 * Runs tasks on the one thread that owns a set of members and all their state.
 *
 * <p>Any thread may call {@link #execute}. The method never blocks, and never runs the task before it returns. Tasks of one
 * caller run in the order of the calls. Tasks that are left after the owner's thread has ended are dropped. {@link
 * dev.socketforwarder.api.kit.TaskQueue TaskQueue} keeps all these promises.
 */
public interface Owner extends Executor {}
