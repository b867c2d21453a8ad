package io.serin.rollout;

import io.serin.rollout.assignment.Split;
import io.serin.rollout.value.InvalidField;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One step of a rollout.
 *
 * @param name unique within the file
 * @param weights slots of each candidate, 0 … 10000; empty for a shadow stage
 * @param lasts the least that the stage lasts; null sets no least
 * @param bake for a stage of 100 %: how long at least 5 % of units are held back on control before
 *     the flip
 * @param until what must be shown besides; null waits for a person
 * @param deadline after so long without that, a person is asked to decide; null never asks
 */
public record Stage(
    String name,
    Map<String, Integer> weights,
    @Nullable Duration lasts,
    @Nullable Duration bake,
    @Nullable Until until,
    @Nullable Duration deadline) {
  /** Slots that stay on control while a stage of 100% bakes. */
  public static final int HOLDBACK = 500;

  private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}]{1,100}");
  private static final Duration SHORTEST_DEADLINE = Duration.ofHours(1);
  private static final Duration DEADLINE_WITHOUT_TIME = Duration.ofDays(30);

  public Stage {
    weights = Map.copyOf(weights);
    if (!NAME.matcher(name).matches()) {
      throw new InvalidField("name", "'" + name + "'", "must be 1 to 100 characters");
    }
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
    if (until == Until.TIME && lasts == null && bake == null) {
      throw new InvalidField("until", "time", "needs for: how long the stage lasts");
    }
    if (sum == Split.SLOTS && until != Until.GATE) {
      throw new InvalidField(
          "until",
          until == null ? "absent" : until.text(),
          "the full stage ends by the promotion gate: leave until out");
    }
    if (weights.isEmpty() && (until == Until.DETECTION || until == Until.GATE)) {
      throw new InvalidField(
          "until", until.text(), "a shadow stage serves no unit that could show it");
    }
    if (!weights.isEmpty() && until == Until.PAIRS) {
      throw new InvalidField(
          "until", until.text(), "is for a shadow stage: pairs are asked offline");
    }
    Duration least = lasts == null ? bake : lasts;
    if (deadline != null && least != null && deadline.compareTo(least) <= 0) {
      throw new InvalidField("deadline", deadline, "must be longer than the stage, " + least);
    }
  }

  /**
   * The stage of a file that says no more than this: shadow by pairs, others by detection, 100 % by
   * the gate.
   */
  public static Stage of(String name, Map<String, Integer> weights, @Nullable Duration least) {
    boolean full = sum(weights) == Split.SLOTS;
    Until until =
        full
            ? Until.GATE
            : least == null ? null : weights.isEmpty() ? Until.PAIRS : Until.DETECTION;
    return new Stage(
        name, weights, full ? null : least, full ? least : null, until, deadline(until, least));
  }

  /** The same where no pairs can be had: by time. */
  Stage withoutPairs() {
    return until == Until.PAIRS && lasts != null
        ? new Stage(name, weights, lasts, bake, Until.TIME, null)
        : this;
  }

  /** The deadline of a stage that names none: three times its length, an hour at least. */
  static @Nullable Duration deadline(@Nullable Until until, @Nullable Duration least) {
    if (until == null || until == Until.TIME) {
      return null;
    }
    if (least == null) {
      return DEADLINE_WITHOUT_TIME;
    }
    Duration thrice = least.multipliedBy(3);
    return thrice.compareTo(SHORTEST_DEADLINE) < 0 ? SHORTEST_DEADLINE : thrice;
  }

  static int sum(Map<String, Integer> weights) {
    return weights.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** True where no unit is served by a candidate. */
  public boolean shadow() {
    return weights.isEmpty();
  }

  /** True for the stage that ends in the flip. */
  public boolean full() {
    return sum(weights) == Split.SLOTS;
  }

  /** The least that the stage lasts, bake included; null where there is no least. */
  public @Nullable Duration length() {
    return full() ? bake : lasts;
  }
}
