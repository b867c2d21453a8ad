package io.serin.simulation;

import io.serin.rollout.assignment.SlotSet;
import io.serin.rollout.assignment.Split;
import io.serin.statistics.sequential.LabelProbability;
import io.serin.statistics.sequential.Stratum;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The splits a simulated rollout went through, and what is known of a unit's slot from the arms it
 * was seen in. Arm 0 is control.
 */
public final class Ramp {
  /** What is known before a revision: the slots that the arms seen so far leave. */
  public final class Knowledge {
    final SlotSet possible;
    final String name;
    private final Map<Long, Knowledge> after = new HashMap<>();
    private final Map<Long, Stratum> strata = new HashMap<>();

    public Knowledge(SlotSet possible, String name) {
      this.possible = possible;
      this.name = name;
    }

    /** After having been seen in an arm under a revision. */
    public Knowledge seen(int revision, int arm) {
      return after.computeIfAbsent(
          key(revision, arm),
          k ->
              new Knowledge(
                  possible.intersect(splits.get(revision)[arm]),
                  name + revision + "." + arm + "/"));
    }

    /**
     * The stratum of an event under a revision, against one candidate; absent (null never): use
     * informative first.
     */
    public Stratum stratum(int revision, int candidate) {
      return strata.computeIfAbsent(
          key(revision, candidate),
          k -> new Stratum("r" + revision + "/" + name, label(revision, candidate).value()));
    }

    public boolean informative(int revision, int candidate) {
      return strata.containsKey(key(revision, candidate))
          || label(revision, candidate).informative();
    }

    private LabelProbability label(int revision, int candidate) {
      SlotSet[] arms = splits.get(revision);
      return new LabelProbability(
          possible.intersect(arms[candidate]).size(), possible.intersect(arms[0]).size());
    }
  }

  private final List<SlotSet[]> splits = new ArrayList<>();
  private final int[] armOfSlot = new int[Split.SLOTS];
  public final Knowledge nothing = new Knowledge(SlotSet.ALL, "");

  private static long key(int revision, int arm) {
    return 16L * revision + arm;
  }

  /** A new revision, by the slots of each arm. */
  public void enter(SlotSet... arms) {
    splits.add(arms);
    for (int slot = 0; slot < armOfSlot.length; slot++) {
      for (int arm = 0; arm < arms.length; arm++) {
        if (arms[arm].contains(slot)) {
          armOfSlot[slot] = arm;
        }
      }
    }
  }

  /** A new revision with one candidate on the lowest slots. */
  public void enter(double share) {
    int slots = (int) Math.round(share * Split.SLOTS);
    enter(SlotSet.range(slots, Split.SLOTS), SlotSet.range(0, slots));
  }

  public int revision() {
    return splits.size() - 1;
  }

  public int arm(int slot) {
    return armOfSlot[slot];
  }
}
