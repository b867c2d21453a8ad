package io.serin.analytics.rollout;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One step of a rollout.
 *
 * @param name unique within the file
 * @param weights slots of each candidate, 0 … 10000; empty for a shadow stage
 * @param lasts how long the stage lasts before the next one; null waits for a person
 * @param bake for a stage of 100 %: how long 5 % of units are held back on control before the flip
 */
public record Stage(
    String name, Map<String, Integer> weights, @Nullable Duration lasts, @Nullable Duration bake) {
  /** Slots that stay on control while a stage of 100% bakes. */
  public static final int HOLDBACK = 500;

  public Stage {
    weights = Map.copyOf(weights);
    int sum = 0;
    for (int weight : weights.values()) {
      if (weight <= 0) {
        throw new InvalidField("weight", weight / 100.0 + "%", "must be greater than 0");
      }
      sum += weight;
    }
    if (sum > Split.SLOTS) {
      throw new InvalidField(
          "weight", sum / 100.0 + "%", "candidates together must not exceed the whole");
    }
    if (bake != null && sum < Split.SLOTS) {
      throw new InvalidField("bake", bake, "is for the full stage only, weight 100%");
    }
    if (lasts != null && sum == Split.SLOTS) {
      throw new InvalidField(
          "for", lasts, "the full stage takes bake instead: how long control keeps its holdback");
    }
    if (sum == Split.SLOTS && weights.size() > 1) {
      throw new InvalidField("weight", weights, "only one candidate can be at 100%");
    }
  }

  /** True where no unit is served by a candidate. */
  public boolean shadow() {
    return weights.isEmpty();
  }

  /** True for the stage that ends in the flip. */
  public boolean full() {
    return weights.values().stream().mapToInt(Integer::intValue).sum() == Split.SLOTS;
  }

  /** How long the stage lasts, bake included; null waits for a person. */
  public @Nullable Duration length() {
    return full() ? bake : lasts;
  }
}
