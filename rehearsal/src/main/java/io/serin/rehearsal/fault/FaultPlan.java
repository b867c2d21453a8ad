package io.serin.rehearsal.fault;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The faults of one variant. Faults that hold together are drawn independently; of those that
 * exclude each other the first of hang, errors, empty, refusals shows. Immutable.
 */
public final class FaultPlan {

  private final List<ScheduledFault> faults;

  /** Keeps the faults of one variant and leaves the others out. */
  public FaultPlan(String variant, List<ScheduledFault> all) {
    this.faults = all.stream().filter(fault -> fault.variant().equals(variant)).toList();
  }

  /** Its faults, as given. */
  public List<ScheduledFault> faults() {
    return faults;
  }

  /**
   * Draws what goes wrong in one answer. A plan draws one number for each of its faults, whether it
   * holds or not, so that a seed gives the same draws at any speed.
   *
   * @param sinceStart since the traffic's start; null where it has not started, when nothing goes
   *     wrong
   */
  public Injection draw(@Nullable Duration sinceStart, RandomGenerator random) {
    boolean hang = false;
    boolean error = false;
    boolean cut = false;
    boolean empty = false;
    boolean refusal = false;
    double slow = 1;
    double tokens = 1;
    for (ScheduledFault scheduled : faults) {
      double u = random.nextDouble();
      if (sinceStart == null || !scheduled.holdsAt(sinceStart)) {
        continue;
      }
      switch (scheduled.fault()) {
        case Fault.Hang(double share) -> hang |= u < share;
        case Fault.Errors(double share) -> error |= u < share;
        case Fault.CutStream(double share) -> cut |= u < share;
        case Fault.Empty(double share) -> empty |= u < share;
        case Fault.Refusals(double share) -> refusal |= u < share;
        case Fault.Slow(double factor) -> slow *= factor;
        case Fault.Tokens(double factor) -> tokens *= factor;
      }
    }
    if (hang) {
      return new Injection(true, false, false, false, false, 1, 1);
    }
    if (error) {
      return new Injection(false, true, false, false, false, slow, 1);
    }
    if (empty) {
      return new Injection(false, false, false, true, false, slow, 1);
    }
    return new Injection(false, false, cut, false, refusal, slow, refusal ? 1 : tokens);
  }
}
