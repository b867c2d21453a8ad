package io.serin.rehearsal.fault;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long the traffic, or a stage of the rollout, has been under way. */
@FunctionalInterface
public interface Elapsed {

  /** Nothing has begun. */
  Elapsed NOTHING = _ -> null;

  /**
   * The time since a beginning.
   *
   * @param stage name of the stage; null for the traffic
   * @return null where it has not begun
   */
  @Nullable Duration since(@Nullable String stage);
}
