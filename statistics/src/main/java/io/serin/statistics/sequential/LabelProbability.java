package io.serin.statistics.sequential;

import java.util.Map;

/**
 * The probability that a unit of one class carries the candidate's label now, given the arms it was
 * seen in under earlier revisions: the share of the slots the unit can still lie in that the
 * candidate owns, among those of the candidate and control. It follows a ramp, a freeze, a shrink
 * and several candidates by the same rule, since the assignment is a hash that nothing else depends
 * on.
 *
 * @param candidateSlots slots of the class that the candidate owns now, ≥ 0
 * @param controlSlots slots of the class that control owns now, ≥ 0
 */
public record LabelProbability(int candidateSlots, int controlSlots) {
  public LabelProbability {
    if (candidateSlots < 0 || controlSlots < 0) {
      throw new IllegalArgumentException(
          "slots: must not be negative, not " + candidateSlots + " and " + controlSlots);
    }
  }

  /** From the slots that a class leaves to each variant. */
  public static LabelProbability of(Map<String, Integer> slots, String candidate, String control) {
    return new LabelProbability(slots.getOrDefault(candidate, 0), slots.getOrDefault(control, 0));
  }

  /** ρ in [0, 1]; 0 where neither arm owns a slot of the class. */
  public double value() {
    int both = candidateSlots + controlSlots;
    return both == 0 ? 0 : (double) candidateSlots / both;
  }

  /** False where the label is certain: such an event tells nothing and is skipped. */
  public boolean informative() {
    return candidateSlots > 0 && controlSlots > 0;
  }
}
