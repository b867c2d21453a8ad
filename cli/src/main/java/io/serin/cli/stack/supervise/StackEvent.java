package io.serin.cli.stack.supervise;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What happened to one process of a stack. */
public sealed interface StackEvent {

  /** The process: broker, registry, router, router-2 … */
  String name();

  /** It was started. */
  record Starting(String name) implements StackEvent {}

  /**
   * It answers for the first time.
   *
   * @param took since it was started
   * @param details what it said of itself: url and others
   */
  record Ready(String name, Duration took, Map<String, String> details) implements StackEvent {}

  /**
   * It ended without being asked to, and is started again after a while.
   *
   * @param exit its exit code; 128 + the signal's number if a signal ended it
   * @param lastLines of its log
   */
  record Died(String name, int exit, Duration restartIn, List<String> lastLines)
      implements StackEvent {}

  /**
   * It answers again.
   *
   * @param after since it died
   */
  record Back(String name, int exit, Duration after) implements StackEvent {}

  /** It ended as it was asked to. */
  record Stopped(String name, int exit, Duration took) implements StackEvent {}
}
