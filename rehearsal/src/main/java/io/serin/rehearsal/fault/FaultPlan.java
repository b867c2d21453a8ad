package io.serin.rehearsal.fault;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The faults of one variant. Faults that hold together are drawn independently; of those that
 * exclude each other the first of hang, errors, empty, refusals, broken-json shows. Immutable.
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
   * @param elapsed since the traffic and stages began; nothing goes wrong before
   */
  public Injection draw(Elapsed elapsed, RandomGenerator random) {
    boolean hang = false;
    boolean error = false;
    boolean cut = false;
    boolean empty = false;
    boolean refusal = false;
    boolean disliked = false;
    boolean broken = false;
    double slow = 1;
    double tokens = 1;
    for (ScheduledFault scheduled : faults) {
      double u = random.nextDouble();
      if (!scheduled.holds(elapsed)) {
        continue;
      }
      switch (scheduled.fault()) {
        case ModelFault.Hang(double share) -> hang |= u < share;
        case ModelFault.Errors(double share) -> error |= u < share;
        case ModelFault.CutStream(double share) -> cut |= u < share;
        case ModelFault.Empty(double share) -> empty |= u < share;
        case ModelFault.Refusals(double share) -> refusal |= u < share;
        case ModelFault.BrokenJson(double share) -> broken |= u < share;
        case ModelFault.Slow(double factor) -> slow *= factor;
        case ModelFault.Tokens(double factor) -> tokens *= factor;
        case ModelFault.Feedback(double share) -> disliked |= u < share;
      }
    }
    if (hang) {
      return new Injection(true, false, false, false, false, false, false, 1, 1);
    }
    if (error) {
      return new Injection(false, true, false, false, false, false, false, slow, 1);
    }
    if (empty) {
      return new Injection(false, false, false, true, false, false, false, slow, 1);
    }
    return new Injection(
        false,
        false,
        cut,
        false,
        refusal,
        disliked,
        broken && !refusal,
        slow,
        refusal ? 1 : tokens);
  }
}
