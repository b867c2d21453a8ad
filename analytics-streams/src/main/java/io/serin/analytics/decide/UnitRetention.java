package io.serin.analytics.decide;

import java.time.Duration;

/**
 * How long a unit is remembered. A unit of a run that is over (another run was applied, or the run
 * was rolled back, promoted, aborted or retired) is forgotten {@code afterRun} after the unit's
 * last event; any unit {@code idle} after it. Both are event time, held against the newest event of
 * the unit's partition. A unit that comes back to its run after that counts as a new one.
 *
 * @param afterRun 0 or more: late events of a run that is over still find their unit
 * @param idle 1 day or more: longer than a stage, so that a unit does not give its first events of
 *     one stage twice
 * @param look how often the store is looked through, a part at a time
 */
public record UnitRetention(Duration afterRun, Duration idle, Duration look) {
  public static final UnitRetention DEFAULT =
      new UnitRetention(Duration.ofHours(1), Duration.ofDays(45), Duration.ofSeconds(5));

  public UnitRetention {
    if (afterRun.isNegative()) {
      throw new IllegalArgumentException("afterRun is " + afterRun + ": must be 0 or more");
    }
    if (idle.compareTo(Duration.ofDays(1)) < 0) {
      throw new IllegalArgumentException("idle is " + idle + ": must be at least a day");
    }
    if (look.isNegative() || look.isZero()) {
      throw new IllegalArgumentException("look is " + look + ": must be more than 0");
    }
  }
}
