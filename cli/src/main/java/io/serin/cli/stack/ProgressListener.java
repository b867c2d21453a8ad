package io.serin.cli.stack;

import io.serin.cli.stack.supervise.StackEvent;

/** Hears what happens to a stack's processes. Called from any thread, one call at a time. */
@FunctionalInterface
public interface ProgressListener {

  /** Hears nothing. */
  ProgressListener NONE = event -> {};

  void on(StackEvent event);
}
